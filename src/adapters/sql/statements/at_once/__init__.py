"""The same for PostgreSQL, each a single statement for many: on a server every one costs a journey."""
