"""Tensors of few elements that are not zero: these, and where they stand."""
