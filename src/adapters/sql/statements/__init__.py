"""Short functions over one connection, each a step of a transaction; they know no engine."""
