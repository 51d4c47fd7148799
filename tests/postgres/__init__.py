"""A PostgreSQL of the tests' own: started from a package, an installation, or given by its address."""
