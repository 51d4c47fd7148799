"""What differs from engine to engine: the file, the writer thread, the failures, the dialect."""
