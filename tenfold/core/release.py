"""Tenfold's own version."""

TENFOLD_VERSION = "0.1.0"
