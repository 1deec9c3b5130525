"""Ops of TensorFlow's graphs that are no functions of tensors alone, each a function of its node; importing a module enters them."""
