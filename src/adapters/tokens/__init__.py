"""Counting tokens as OpenAI's models do, without a network."""
