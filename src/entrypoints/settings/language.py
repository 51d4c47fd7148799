"""The language of what an operator reads, known before the configuration is."""

import re
from collections.abc import Mapping
from pathlib import Path

from entrypoints.settings.files import LARGEST_YAML
from entrypoints.settings.load import configuration_file
from entrypoints.settings.texts import Language

_KEY = re.compile(rb"""^language[ \t]*:[ \t]*["']?(zh|en)\b""", re.MULTILINE)
"""The key as it is usually typed. YAML is not parsed: the file may be the very thing that is broken."""


def early_language(path: Path | None, environment: Mapping[str, str]) -> Language:
    """LANGUAGE if it is `zh` or `en`, else the `language` of the configuration file, else `zh`.

    Never fails: a file that cannot be read names no language. `path` is that of `--config`.
    """
    named = environment.get("LANGUAGE", "").strip()
    if named in {"zh", "en"}:
        return "en" if named == "en" else "zh"
    file = configuration_file(path, environment)
    if file is None or not file.is_file():  # opening a pipe would wait for its other end
        return "zh"
    try:
        with file.open("rb") as opened:
            found = _KEY.search(opened.read(LARGEST_YAML))
    except (OSError, ValueError):
        return "zh"
    return "en" if found and found[1] == b"en" else "zh"
