"""Ops on images, whose last axes are height, width and channels."""
