"""How the program was called: by which name, and for whom it writes."""

import os
import shutil
import sys
from pathlib import Path

from entrypoints.settings.language import early_language
from entrypoints.settings.texts import Language

NAME = "chatgpt-dingtalk"


def program_as_called() -> str:
    """What to type to call this program again: its name where the shell finds it, else its path."""
    called = sys.argv[0] if sys.argv else NAME
    if Path(called).name != NAME:  # `python -m`, a test, or the frozen program under another name
        return called if getattr(sys, "frozen", False) else NAME
    found = shutil.which(NAME)
    is_found = found is not None and Path(found).resolve() == Path(called).resolve()
    return NAME if is_found and not called.startswith(".") else called


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
