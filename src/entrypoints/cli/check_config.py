"""`chatgpt-dingtalk check-config`: what the configuration is, and where each value came from."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from unicodedata import east_asian_width

import rich_click as click

from adapters.clock import SystemClock
from application.check_models import CheckModels, ModelReport
from application.wording.model_warnings import told
from entrypoints.cli.exits import configuration_mistakes_told
from entrypoints.providers import listed_providers
from entrypoints.settings.display import shown, way_to
from entrypoints.settings.load import Loaded, load
from entrypoints.settings.notes import notes_on, warnings_on
from entrypoints.settings.reading.structures import keys_of
from entrypoints.settings.schema import Settings
from entrypoints.settings.texts import Language, Text, say


@click.command("check-config")
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
)
@click.option("--online", is_flag=True)
def check_config(path: Path | None, *, online: bool) -> None:
    with configuration_mistakes_told():
        loaded = load(path)
    for line in report(loaded):
        click.echo(line)
    if online:
        settings = loaded.settings
        check = CheckModels(
            providers=listed_providers(settings.effective_providers), clock=SystemClock()
        )
        for line in lines_of(asyncio.run(check()), settings.language):
            click.echo(line)


def lines_of(models: ModelReport, language: Language) -> Iterator[str]:
    """What the providers' lists say of the configured models."""
    yield from ("", say("online_heading").told(language))
    for warning in models.warnings:
        yield f"  {told(warning, language)}"
    for provider in models.unread:
        yield f"  {say('online_unread', provider=provider).told(language)}"
    if not models.warnings and not models.unread:
        yield f"  {say('online_well').told(language)}"


def report(loaded: Loaded) -> Iterator[str]:
    """The lines to print: a table of key, origin and value, the providers in use, warnings, notes."""
    language = loaded.settings.language
    heading = (say("column_key"), say("column_from"), say("column_value"))
    key, origin, value = (column.told(language) for column in heading)
    yield from _table([(key, origin, value), *_rows(loaded)])
    yield ""
    yield say("providers_heading").told(language)
    for provider in loaded.settings.effective_providers:
        yield f"  {shown(provider)}, {way_to(provider).told(language)}"
    yield from _told_below(say("warnings_heading"), warnings_on(loaded), language)
    yield from _told_below(say("notes_heading"), notes_on(loaded), language)


def _told_below(heading: Text, texts: Iterator[Text], language: Language) -> Iterator[str]:
    if told := [f"  {text.told(language)}" for text in texts]:
        yield from ("", heading.told(language), *told)


def _rows(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    for name in keys_of(Settings):
        origin = loaded.origin_of(name).told(loaded.settings.language)
        yield name, origin, shown(getattr(loaded.settings, name))


def _table(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    widths = [max(_cells(row[column]) for row in rows) for column in (0, 1)]
    for name, origin, value in rows:
        yield f"{_padded(name, widths[0])}  {_padded(origin, widths[1])}  {value}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))


def _cells(text: str) -> int:
    """How many columns of a terminal it takes: Chinese letters are twice as wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
