"""Ops on text, one file per family. Texts are bytes in object arrays."""
