"""What is wrong with a configuration, in each language."""
