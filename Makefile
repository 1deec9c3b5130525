# make demo       set up an environment and run the eight points of the notes on real data
# make test       set up an environment and run lint, type checks and the whole suite
# make bench      compare with TensorFlow, PyTorch and JAX, each in an environment of its own (downloads them)
# make bench-all  the same, and products, convolutions, a whole training, memory over many calls: about an hour

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers

.PHONY: demo test lint types unit bench bench-all clean

demo: $(VENV)/.demo
	$(BIN)/python examples/notes.py

test: lint types unit

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

unit: $(VENV)/.test
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

bench: TABLES := eager steps first mlp saving limits
bench bench-all: $(VENV)/.demo $(PEERS)/tensorflow/.done $(PEERS)/torch/.done $(PEERS)/jax/.done
	$(BIN)/python -m benchmarks.compare $(TABLES) --tensorflow $(CURDIR)/$(PEERS)/tensorflow/bin/python \
		--torch $(CURDIR)/$(PEERS)/torch/bin/python --jax $(CURDIR)/$(PEERS)/jax/bin/python

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[plot]'
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test,plot]'
	touch $@

$(PEERS)/tensorflow/.done:
	$(PYTHON) -m venv $(PEERS)/tensorflow
	$(PEERS)/tensorflow/bin/pip install --quiet --disable-pip-version-check tensorflow-cpu==2.21.0
	touch $@

$(PEERS)/torch/.done:
	$(PYTHON) -m venv $(PEERS)/torch
	$(PEERS)/torch/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy
	touch $@

$(PEERS)/jax/.done:
	$(PYTHON) -m venv $(PEERS)/jax
	$(PEERS)/jax/bin/pip install --quiet --disable-pip-version-check jax numpy
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) build dist *.egg-info
