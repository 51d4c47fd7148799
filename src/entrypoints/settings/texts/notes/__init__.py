"""What an operator is told about a configuration that is correct, in each language."""
