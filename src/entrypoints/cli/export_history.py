"""`chatgpt-dingtalk export-history`: a person's questions and answers as a file."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import rich_click as click

from adapters.sql.database import open_database
from adapters.sql.engine.sqlite import file_of
from adapters.sql.history import SqlHistory
from adapters.sql.schema import is_current
from adapters.transcripts import FORMATS, Format
from application.errors import StorageFailed
from application.history.export_history import records_of
from application.ports import History
from domain.history import Person, Record
from domain.message import UserKey
from entrypoints.cli.exits import configuration_mistakes_told, fail
from entrypoints.cli.private_file import private_file
from entrypoints.cli.progress import progress
from entrypoints.resources import CLOSING_DEADLINE
from entrypoints.settings import Settings
from entrypoints.storage import limits_on, storage_url
from entrypoints.trial import load_as_served

MOST_PEOPLE = 1000
"""With one name. More of them are nobody's wish."""

STANDARD_OUTPUT = Path("-")

Chosen = tuple[Person, ...]


@click.command("export-history")
@click.option("--user", "name", required=True)
@click.option("--format", "kind", required=True, type=click.Choice(list(FORMATS)))
@click.option(
    "--output",
    default=STANDARD_OUTPUT,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
)
@click.option("--all", "everybody", is_flag=True)
@click.option("--config", "config", type=click.Path(path_type=Path))
def export_history(
    name: str, kind: str, output: Path, config: Path | None, *, everybody: bool
) -> None:
    with configuration_mistakes_told():
        settings = load_as_served(config, os.environ).settings
    try:
        see_that_there_is_a_database(settings)
        with _opened(output) as file:
            asyncio.run(_export(settings, name, FORMATS[kind], file, everybody=everybody))
    except StorageFailed as error:
        fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(f"{output} cannot be written ({error.strerror}).")


def see_that_there_is_a_database(settings: Settings) -> None:
    """Raises StorageFailed unless there is one with the newest schema."""
    url = storage_url(settings)
    file = file_of(url)
    if file is not None and not file.exists():
        raise StorageFailed(f"there is no history yet: {file} does not exist")
    if not is_current(url):
        raise StorageFailed(
            "the database is of another version: run `chatgpt-dingtalk migrate` first"
        )


def _opened(output: Path) -> AbstractContextManager[BinaryIO]:
    if output == STANDARD_OUTPUT:
        return nullcontext(sys.stdout.buffer)
    return private_file(output)


async def _export(
    settings: Settings, name: str, form: Format, file: BinaryIO, *, everybody: bool
) -> None:
    database = open_database(storage_url(settings), limits_on(settings))
    try:
        history = SqlHistory(database)
        people = await people_meant(history, name)
        if not people:
            fail(
                f"Nobody called {printable(name)} has asked anything: give the whole nickname or staff id."
            )
        if len(people) > 1 and not everybody:
            fail("\n".join(namesakes(people, settings.timezone)))
        total, hidden = sum(one.questions for one in people), file.isatty()
        with progress("exporting", total, hidden=hidden) as advance:
            async for piece in transcript(history, people, form, settings.timezone, advance):
                file.write(piece.encode())
        file.flush()
    finally:
        await database.close(deadline=CLOSING_DEADLINE)


async def people_meant(history: History, name: str) -> Chosen:
    """Who has that key, else everybody with that nickname or staff id."""
    person = await history.person(UserKey(name))
    return (person,) if person else await history.people_called(name, limit=MOST_PEOPLE)


def namesakes(people: Sequence[Person], zone: ZoneInfo) -> Sequence[str]:
    """Who is who, for an operator who has to choose."""
    lines = [
        f"  {printable(one.key)}  {printable(one.nick)}  {one.questions} questions, the last on "
        f"{one.last_asked.astimezone(zone).date()}"
        for one in people
    ]
    return ("Several people have this name. Give one of these as --user, or --all:", *lines)


def printable(text: str) -> str:
    """The text without what would give orders to a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


async def transcript(
    history: History,
    people: Chosen,
    form: Format,
    zone: ZoneInfo,
    advance: Callable[[int], None],
) -> AsyncIterator[str]:
    """The file piece by piece, one person after another."""
    yield form.head
    for person in people:
        counted = _counting(records_of(history, person.key), advance)
        async for piece in form.part(counted, person, zone):
            yield piece


async def _counting(
    records: AsyncIterator[Record], advance: Callable[[int], None]
) -> AsyncIterator[Record]:
    async for record in records:
        yield record
        advance(1)
