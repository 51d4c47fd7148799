"""Configurations for tests, written to config.yml in the current directory."""

import re
from pathlib import Path

from entrypoints.settings import ConfigurationError, Loaded, load
from entrypoints.settings.texts import Language

FILE = Path("config.yml")
KEY = "sk-a1b2c3d4"
MODEL = "some-model"


def loaded(text: str, **environment: str) -> Loaded:
    """What is loaded from this text; a good APIKEY is there unless another one is given, and a MODEL
    unless the text names one.
    """
    FILE.write_bytes(text.encode())
    given = {"APIKEY": KEY, **environment}
    if not re.search(r"^model\b", text, re.MULTILINE):
        given = {"MODEL": MODEL, **given}
    return load(environment=given)


def mistakes_in(text: str, **environment: str) -> list[str]:
    """What loading complains about in English, one line a mistake; nothing if all is well."""
    return mistakes_told(text, "en", **environment)


def mistakes_told(text: str, language: Language, **environment: str) -> list[str]:
    """The same in that language."""
    try:
        loaded(text, **environment)
    except ConfigurationError as error:
        return [mistake.told(language) for mistake in error.mistakes]
    return []
