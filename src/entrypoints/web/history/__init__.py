"""The pages on which an administrator reads and downloads somebody's conversations."""
