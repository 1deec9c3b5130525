"""Graphs: what a traced function does, as nodes; how they are made, inferred and run."""
