"""Searching a text for many words at once."""
