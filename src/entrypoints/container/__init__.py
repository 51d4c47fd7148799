"""The composition root: every choice of technology, read from outside to the doors."""

from entrypoints.container.doors import Container, opened_service

__all__ = ["Container", "opened_service"]
