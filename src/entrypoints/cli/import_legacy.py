"""`chatgpt-dingtalk import-legacy`: take over the predecessor's history."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

import rich_click as click

from adapters.clock import SystemClock
from adapters.legacy.chats import exchanges_in, odd_rows, questions_in, rows_in
from adapters.legacy.failures import LegacyUnreadable, explained
from adapters.legacy.file import opened
from adapters.legacy.pictures import LegacyPictures
from adapters.pictures.reading import identified
from adapters.shown_text import shown_texts
from adapters.sql.database import open_database
from adapters.sql.imports import Kept, SqlImports
from adapters.words.finder import aho_corasick
from application.errors import StorageFailed
from application.ports import Shelf
from domain.legacy import LegacyExchange, Oddity
from domain.sensitive_words import SensitiveWords
from entrypoints.cli.exits import configuration_mistakes_told, fail
from entrypoints.cli.progress import progress
from entrypoints.resources import CLOSING_DEADLINE, shelf_on
from entrypoints.settings import Loaded, Settings
from entrypoints.storage import PICTURES, limits_on, picture_folder, prepared_storage, storage_url
from entrypoints.trial import load_as_served

AT_ONCE = 500
"""Questions a transaction."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """What became of every row so far."""

    rows: int = 0
    kept: Kept = field(default_factory=Kept)
    unanswered: int = 0
    pictures: int = 0
    missing_pictures: int = 0
    odd: Counter[Oddity] = field(default_factory=Counter)

    def lines(self, settings: Settings) -> Iterator[str]:
        kept = self.kept
        yield f"rows read: {self.rows}"
        yield f"questions taken over: {kept.new} ({self.unanswered} of all questions have no answer)"
        yield f"known from an earlier import: {kept.known}"
        if kept.completed:
            yield f"known, and their answers or pictures came now: {kept.completed}"
        if self.pictures or self.missing_pictures:
            yield f"pictures copied: {self.pictures} ({self.missing_pictures} more are not there)"
        yield f"not taken over: {self.odd.total()}"
        for oddity in Oddity:
            if self.odd[oddity]:
                yield f"  {self.odd[oddity]} {oddity.value}"
        if settings.retention_days and kept.new:
            yield (
                f"retention_days is {settings.retention_days}: what is older is deleted "
                "when the service has run for some minutes"
            )


@click.command("import-legacy")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--config", "config", type=click.Path(path_type=Path))
def import_legacy(path: Path, config: Path | None) -> None:
    with configuration_mistakes_told():
        loaded = load_as_served(config, os.environ)
    summary = Summary()
    try:
        with opened(path) as legacy, prepared_storage(loaded.settings):
            pictures = LegacyPictures((path.parent / PICTURES, picture_folder(loaded.settings)))
            asyncio.run(take_over(legacy, pictures, loaded, summary))
    except LegacyUnreadable as error:
        fail(f"{path}: {error}{_so_far(summary)}")
    except StorageFailed as error:
        fail(f"{error}{_so_far(summary)}")
    for line in summary.lines(loaded.settings):
        click.echo(line)


def _so_far(summary: Summary) -> str:
    taken = summary.kept.new
    return f" ({taken} questions were taken over before that, and stay)" if taken else ""


async def take_over(
    legacy: Connection, pictures: LegacyPictures, loaded: Loaded, summary: Summary
) -> None:
    """Copy every question with its answer, some at a time, so that what is done stays done.

    Raises:
        LegacyUnreadable: the file is damaged somewhere.
        StorageFailed: the database does not take it.
    """
    words = SensitiveWords(loaded.sensitive_words, aho_corasick, shown_texts)
    database = open_database(storage_url(loaded.settings), limits_on(loaded.settings))
    shelf = shelf_on(database, SystemClock(), picture_folder(loaded.settings), identified)
    imports = SqlImports(database)
    try:
        with progress("importing", _counted(legacy, summary)) as advance:
            for some in _in_parts(legacy, loaded.settings):
                whole = [one for one in some if isinstance(one, LegacyExchange)]
                summary.odd.update(one for one in some if isinstance(one, Oddity))
                lacking = await imports.without_picture(whole)
                shown = [
                    await _with_picture(one, pictures, shelf, summary)
                    if one.picture_file and one.identity in lacking
                    else one
                    for one in whole
                ]
                summary.kept += await imports.keep([one.masked(words) for one in shown])
                summary.unanswered += sum(not one.is_answered for one in shown)
                advance(len(some))
    finally:
        await database.close(deadline=CLOSING_DEADLINE)


async def _with_picture(
    one: LegacyExchange, pictures: LegacyPictures, shelf: Shelf, summary: Summary
) -> LegacyExchange:
    """The exchange with a copy of its picture under a name that nobody can guess, if the file is there."""
    content = pictures.content_of(one.picture_file or "")
    picture = identified(content) if content else None
    if picture is None:
        summary.missing_pictures += 1
        return one
    summary.pictures += 1
    return one.showing(await shelf.put(picture))


def _counted(legacy: Connection, summary: Summary) -> int:
    """How many questions there are; the other rows are told in the summary right away."""
    with explained():
        summary.rows = rows_in(legacy)
        summary.odd = odd_rows(legacy)
        return questions_in(legacy)


def _in_parts(legacy: Connection, settings: Settings) -> Iterator[list[LegacyExchange | Oddity]]:
    rows = exchanges_in(legacy, settings.timezone)
    while True:
        with explained():
            some = list(islice(rows, AT_ONCE))
        if not some:
            return
        yield some
