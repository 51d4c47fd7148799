"""Who may read the files of a configuration."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from entrypoints.secret import Secret
from entrypoints.settings.load import Loaded
from entrypoints.settings.texts import Text, say

EVERYBODY = 0o004
"""The permission to read, for accounts that neither own the file nor belong to its group."""


def warning_on_readers(loaded: Loaded) -> Text | None:
    """Whether everybody may read secrets or sensitive words, with the command that ends it; None if not."""
    files = [str(file) for file in _confidential_files(loaded) if _is_readable_by_everybody(file)]
    if not files:
        return None
    command = shlex.join(["chmod", "o-rwx", *files])
    return say("readable", command=command)


def _confidential_files(loaded: Loaded) -> Iterator[Path]:
    if loaded.file is not None and _holds_secrets(loaded):
        yield loaded.file
    if loaded.settings.sensitive_words_file is not None:
        yield loaded.settings.sensitive_words_file


def _holds_secrets(loaded: Loaded) -> bool:
    """Whether a secret, or a list of sensitive words, comes from the file and not from the environment."""
    return any(
        key == "sensitive_words" or _is_secret(getattr(loaded.settings, key))
        for key, origin in loaded.origins.items()
        if origin.startswith(f"{loaded.file}:")
    )


def _is_secret(value: object) -> bool:
    if isinstance(value, tuple):
        return any(_is_secret(one) for one in value)
    if isinstance(value, Mapping):
        return any(_is_secret(one) for one in value.values())
    if isinstance(value, msgspec.Struct):
        return any(_is_secret(getattr(value, name)) for name in value.__struct_fields__)
    return isinstance(value, Secret) and bool(value)


def _is_readable_by_everybody(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & EVERYBODY)
    except OSError:
        return False
