"""Connectionist temporal classification: sequences of labels whose places in time nobody knows."""
