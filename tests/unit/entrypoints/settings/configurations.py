"""Configurations for tests, written to config.yml in the current directory."""

from pathlib import Path

from entrypoints.settings import ConfigurationError, Loaded, load

FILE = Path("config.yml")
KEY = "sk-a1b2c3d4"


def loaded(text: str, **environment: str) -> Loaded:
    """What is loaded from this text; a good APIKEY is there unless another one is given."""
    FILE.write_bytes(text.encode())
    return load(environment={"APIKEY": KEY, **environment})


def mistakes_in(text: str, **environment: str) -> list[str]:
    """What loading complains about, one line a mistake; nothing if all is well."""
    try:
        loaded(text, **environment)
    except ConfigurationError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []
