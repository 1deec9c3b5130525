"""Rows of different lengths: their values one behind the other, and where each row ends."""
