"""The control API, used by the page, by tests and by other programs."""
