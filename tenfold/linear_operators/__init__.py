"""Matrices that are not written out: what they do with vectors is all that is known of them."""
