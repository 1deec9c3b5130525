"""Fuzzing of all that reads files and requests: `python -m tests.fuzz --seconds 600` (see `__main__`)."""
