"""How a command ends: 0 it is done, 1 it failed, 2 it was called or configured wrongly."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import rich_click as click
from click.exceptions import Exit

from entrypoints.settings import ConfigurationError
from entrypoints.settings.language import early_language
from entrypoints.settings.texts import Language

FAILED = 1
WRONG = 2


def fail(sentence: str) -> NoReturn:
    """Say what went wrong and what to do, and end with 1."""
    click.echo(sentence, err=True)
    raise Exit(FAILED)


def refuse(sentence: str) -> NoReturn:
    """Say what is wrong with the call or the configuration, and end with 2."""
    click.echo(sentence, err=True)
    raise Exit(WRONG)


@contextmanager
def configuration_mistakes_told() -> Iterator[None]:
    """Every mistake on a line of its own, and an end with 2."""
    try:
        yield
    except ConfigurationError as error:
        language = _language_of_command()
        refuse("\n".join(mistake.told(language) for mistake in error.mistakes))


def _language_of_command() -> Language:
    context = click.get_current_context(silent=True)
    path = context.params.get("path") if context else None
    return early_language(path if isinstance(path, Path) else None, os.environ)
