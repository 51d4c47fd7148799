"""The same for PostgreSQL, each with a single statement: on a server every one costs a journey."""
