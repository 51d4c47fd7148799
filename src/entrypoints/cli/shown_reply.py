"""A reply as a terminal shows it: Markdown laid out, pictures saved as files."""

import itertools
import re
import sys
from collections.abc import Callable
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.markdown import Markdown

from adapters.private_files import write_private_file
from domain import entities
from entrypoints.cli.output import printable

PICTURE = re.compile(r"!\[[^\]\n]*\]\((?P<source>[^()\s]+)\)")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}\.(?:png|jpe?g|webp|gif)")
SIGNATURES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"GIF8": ".gif"}

FetchPicture = Callable[[str], bytes | None]
"""The bytes of the picture with that source, or None where it cannot be had from here."""


def show(markdown: str, *, fetch: FetchPicture, saved: str) -> None:
    """Print a part of a reply. `saved` is the line that names the file of a picture, with `{path}`."""
    text = printable(markdown)
    if sys.stdout.isatty():
        Console().print(Markdown(PICTURE.sub("", text)))
    else:
        click.echo(unescaped(text))
    for match in PICTURE.finditer(text):
        content = fetch(match["source"])
        if content is not None and (path := save(content, match["source"])):
            click.echo(saved.format(path=path))


def unescaped(markdown: str) -> str:
    """The Markdown without entities and backslashes that only protect a character; code as it is."""
    pieces = _CODE.split(markdown)
    pieces[::2] = [printable(entities.unescaped(_ESCAPED.sub(r"\1", one))) for one in pieces[::2]]
    return "".join(pieces)


def save(content: bytes, source: str) -> Path | None:
    """Write a picture into the current folder under a name that is free; None if it is no picture."""
    suffix = next((end for begin, end in SIGNATURES.items() if content.startswith(begin)), None)
    if suffix is None:
        return None
    named = source.rpartition("/")[2]
    first = Path(named if _FILE_NAME.fullmatch(named) else f"picture{suffix}")
    for number in itertools.count(1):
        path = first if number == 1 else first.with_stem(f"{first.stem}-{number}")
        try:
            write_private_file(path, content)
        except FileExistsError:
            continue
        return path
    return None
