"""`chatgpt-dingtalk check-config`: what the configuration is, and where each value came from."""

from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from entrypoints.cli.exits import configuration_mistakes_told
from entrypoints.settings.display import shown
from entrypoints.settings.load import Loaded, load
from entrypoints.settings.notes import notes_on
from entrypoints.settings.reading.structures import keys_of
from entrypoints.settings.schema import Settings


@click.command("check-config")
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
)
def check_config(path: Path | None) -> None:
    with configuration_mistakes_told():
        loaded = load(path)
    for line in report(loaded):
        click.echo(line)


def report(loaded: Loaded) -> Iterator[str]:
    """The lines to print: a table of key, origin and value, the providers in use, notes."""
    rows = [("key", "from", "value"), *_rows(loaded)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    # The value comes last, since Chinese letters are twice as wide on a screen as they count.
    for name, origin, value in rows:
        yield f"{name:<{widths[0]}}  {origin:<{widths[1]}}  {value}"
    yield ""
    yield "providers asked, in order:"
    for provider in loaded.settings.effective_providers:
        yield f"  {shown(provider)}"
    yield ""
    yield "notes:"
    for note in notes_on(loaded):
        yield f"  {note}"


def _rows(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    for name in keys_of(Settings):
        yield name, loaded.origins[name], shown(getattr(loaded.settings, name))
