"""A progress bar for long work, where somebody is looking."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import rich_click as click


@contextmanager
def progress(label: str, length: int, *, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    """Draw a bar on stderr if that is a terminal, else nothing; call what is given with each step made."""
    unseen = hidden or not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=unseen) as bar:
        yield bar.update
