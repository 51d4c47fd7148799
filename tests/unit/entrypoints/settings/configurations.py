"""Configurations for tests, written to config.yml in the current directory."""

from pathlib import Path

from entrypoints.settings import ConfigurationError, Loaded, load
from entrypoints.settings.texts import Language

FILE = Path("config.yml")
KEY = "sk-a1b2c3d4"


def loaded(text: str, **environment: str) -> Loaded:
    """What is loaded from this text; a good APIKEY is there unless another one is given."""
    FILE.write_bytes(text.encode())
    return load(environment={"APIKEY": KEY, **environment})


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
