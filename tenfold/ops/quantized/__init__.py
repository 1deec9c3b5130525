"""Ops on quantized dtypes: integers that stand for numbers between two limits, or for multiples of a scale."""
