"""`chatgpt-dingtalk check-config`: what the configuration is, and where each value came from."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from unicodedata import east_asian_width

import msgspec
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
@click.option("--config", "path", type=click.Path(path_type=Path))
@click.option("--changed", "only_changed", is_flag=True)
@click.option("--online", is_flag=True)
@click.option("--json", "for_programs", is_flag=True)
def check_config(
    path: Path | None, *, only_changed: bool, online: bool, for_programs: bool
) -> None:
    with configuration_mistakes_told():
        loaded = load(path)
    models = asyncio.run(checked_models(loaded.settings)) if online else None
    if for_programs:
        click.echo(as_json(loaded, models, only_changed=only_changed))
        return
    for line in report(loaded, only_changed=only_changed):
        click.echo(line)
    for line in lines_of(models, loaded.settings.language) if models else ():
        click.echo(line)


async def checked_models(settings: Settings) -> ModelReport:
    """What the providers' lists say of the configured models."""
    listed = listed_providers(settings.effective_providers)
    return await CheckModels(providers=listed, clock=SystemClock())()


def lines_of(models: ModelReport, language: Language) -> Iterator[str]:
    yield from ("", _heading(say("online_heading"), language))
    for warning in models.warnings:
        yield click.style(f"  {told(warning, language)}", fg="yellow")
    for provider in models.unread:
        yield f"  {say('online_unread', provider=provider).told(language)}"
    if not models.warnings and not models.unread:
        yield f"  {say('online_well').told(language)}"


def report(loaded: Loaded, *, only_changed: bool = False) -> Iterator[str]:
    """The lines to print: a table of key, origin and value, the providers in use, warnings, notes."""
    language = loaded.settings.language
    heading = (say("column_key"), say("column_from"), say("column_value"))
    key, origin, value = (column.told(language) for column in heading)
    first, *others = _table([(key, origin, value), *_rows(loaded, only_changed=only_changed)])
    yield click.style(first, bold=True)
    yield from others
    yield from ("", _heading(say("providers_heading"), language))
    for provider in loaded.settings.effective_providers:
        yield f"  {shown(provider)}, {way_to(provider).told(language)}"
    if warnings := [text.told(language) for text in warnings_on(loaded)]:
        yield from ("", _heading(say("warnings_heading"), language))
        yield from (click.style(f"  {text}", fg="yellow") for text in warnings)
    if notes := [text.told(language) for text in notes_on(loaded)]:
        yield from ("", _heading(say("notes_heading"), language))
        yield from (f"  {text}" for text in notes)


def as_json(loaded: Loaded, models: ModelReport | None, *, only_changed: bool) -> str:
    """The same for programs: `{"keys": {name: {"value", "from"}}, "providers", "warnings", "notes"}`.

    `from` is the same in every language. With `--online` there are `model_warnings` and `unread_providers`
    too. Secrets are masked.
    """
    language = loaded.settings.language
    rows = _rows(loaded, only_changed=only_changed)
    body: dict[str, object] = {
        "keys": {name: {"value": value, "from": loaded.origins[name]} for name, _, value in rows},
        "providers": [shown(one) for one in loaded.settings.effective_providers],
        "warnings": [text.told(language) for text in warnings_on(loaded)],
        "notes": [text.told(language) for text in notes_on(loaded)],
    }
    if models is not None:
        body["model_warnings"] = [told(one, language) for one in models.warnings]
        body["unread_providers"] = list(models.unread)
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode()


def _heading(text: Text, language: Language) -> str:
    return click.style(text.told(language), bold=True)


def _rows(loaded: Loaded, *, only_changed: bool) -> Iterator[tuple[str, str, str]]:
    for name in keys_of(Settings):
        if only_changed and loaded.origins[name] == "default":
            continue
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
