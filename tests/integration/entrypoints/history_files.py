"""The commands about histories, run in a folder with a configuration."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rich_click as click
from click.testing import CliRunner, Result

CONFIGURATION = """\
api_key: sk-a1b2c3d4
model: some-model
app_secrets: [a1b2c3d4e5]
sensitive_words: [机密]
"""


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run(command: click.Command, *arguments: str, folder: Path, more: str = "") -> Result:
    """Run it to its end, with the configuration and some lines `more`."""
    (folder / "config.yml").write_text(CONFIGURATION + more, encoding="utf-8")
    with inside(folder):
        return CliRunner().invoke(command, [*arguments, "--config", "config.yml"])
