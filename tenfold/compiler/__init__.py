"""From programs of tensor primitives to machine code: `program` says what to compute, `executable.compile` makes it run."""
