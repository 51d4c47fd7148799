"""The language of the person who called the program."""

import os
import sys
from pathlib import Path

from entrypoints.settings.language import early_language
from entrypoints.settings.texts import Language


def language_of_call() -> Language:
    """The language of LANGUAGE or of the configuration that the arguments name, else Chinese."""
    return early_language(_configuration_in(sys.argv[1:]), os.environ)


def _configuration_in(arguments: list[str]) -> Path | None:
    for index, argument in enumerate(arguments):
        if argument == "--config" and index + 1 < len(arguments):
            return Path(arguments[index + 1])
        if argument.startswith("--config="):
            return Path(argument.removeprefix("--config="))
    return None
