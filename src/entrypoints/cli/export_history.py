"""`chatgpt-dingtalk export-history`: a person's questions and answers as a file."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import rich_click as click

from adapters.shown_text import shown_texts
from adapters.sql.database import open_database
from adapters.sql.engine.sqlite import file_of
from adapters.sql.history import SqlHistory
from adapters.sql.schema import is_current
from adapters.transcripts import FORMATS, Format
from adapters.words.finder import aho_corasick
from application.errors import StorageFailed
from application.history.export_history import records_of
from application.history.masked_history import MaskedHistory
from application.ports import History
from domain.history import Person, Record
from domain.message import UserKey
from domain.sensitive_words import SensitiveWords
from entrypoints.cli.exits import configuration_mistakes_told, fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.output import STANDARD_OUTPUT, is_new_file, opened_output, printable
from entrypoints.cli.progress import progress
from entrypoints.cli.texts import CliTexts, texts_in
from entrypoints.program import program_as_called
from entrypoints.resources import CLOSING_DEADLINE
from entrypoints.settings import Loaded, Settings
from entrypoints.storage import limits_on, picture_folder, storage_url
from entrypoints.trial import load_as_served

MOST_PEOPLE = 1000
"""With one name. More of them are nobody's wish."""

MOST_NAMED = 3
"""People whose nicknames are told at the end."""

SUFFIXES = {
    ".md": "md", ".markdown": "md", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
"""What the name of a file says about its format."""

Chosen = tuple[Person, ...]


@click.command("export-history")
@click.option("--user", "name", required=True)
@click.option("--format", "kind", type=click.Choice(list(FORMATS)))
@click.option(
    "--output",
    default=STANDARD_OUTPUT,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
)
@click.option("--force", is_flag=True)
@click.option("--all", "everybody", is_flag=True)
@click.option("--config", "config", type=click.Path(path_type=Path))
def export_history(  # noqa: PLR0913 - an argument for each option
    name: str,
    kind: str | None,
    output: Path,
    config: Path | None,
    *,
    force: bool,
    everybody: bool,
) -> None:
    texts = texts_in(language_of_call())
    kind = kind or SUFFIXES.get(output.suffix.lower())
    if kind is None:
        refuse(texts.format_unknown.format(formats=", ".join(FORMATS)))
    with configuration_mistakes_told():
        loaded = load_as_served(config, os.environ)
    settings = loaded.settings
    try:
        if missing := what_is_missing(settings, texts):
            fail(missing)
        with opened_output(output, force=force) as file:
            people = asyncio.run(_export(loaded, name, FORMATS[kind], file, everybody=everybody))
    except StorageFailed as error:
        fail(str(error))
    except FileExistsError:
        refuse(texts.file_exists.format(file=output))
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(texts.file_unwritable.format(file=output, reason=error.strerror))
    click.echo(_summary(texts, people, output), err=True)


def _summary(texts: CliTexts, people: Chosen, output: Path) -> str:
    """What was written, and where, for the person at the terminal."""
    names = "、".join(printable(one.nick) for one in people[:MOST_NAMED])
    if len(people) > MOST_NAMED:
        names = texts.and_more_people.format(names=names, count=len(people))
    count = sum(one.questions for one in people)
    form = texts.exported_to_file if is_new_file(output) else texts.exported
    return form.format(count=count, names=names, file=output)


def what_is_missing(settings: Settings, texts: CliTexts) -> str:
    """What there has to be before anything is read: a database of this version. Empty if it is there."""
    url = storage_url(settings)
    file = file_of(url)
    if file is not None and not file.exists():
        return texts.no_history_yet.format(file=file)
    if not is_current(url):
        return texts.migrate_first.format(command=f"{program_as_called()} migrate")
    return ""


async def _export(
    loaded: Loaded, name: str, form: Format, file: BinaryIO, *, everybody: bool
) -> Chosen:
    settings, texts = loaded.settings, texts_in(language_of_call())
    words = SensitiveWords(loaded.sensitive_words, aho_corasick, shown_texts)
    database = open_database(storage_url(settings), limits_on(settings))
    try:
        history = MaskedHistory(history=SqlHistory(database), words=lambda: words)
        people = await people_meant(history, name)
        if not people:
            fail(texts.nobody_called.format(name=printable(name)))
        if len(people) > 1 and not everybody:
            fail("\n".join(namesakes(people, settings.timezone, texts)))
        total, is_terminal = sum(one.questions for one in people), file.isatty()
        with progress("exporting", total, hidden=is_terminal) as advance:
            async for piece in transcript(history, people, form, settings, advance):
                file.write((printable(piece) if is_terminal else piece).encode(errors="replace"))
        file.flush()
    finally:
        await database.close(deadline=CLOSING_DEADLINE)
    return people


async def people_meant(history: History, name: str) -> Chosen:
    """Who has that key, else everybody with that nickname or staff id."""
    person = await history.person(UserKey(name))
    return (person,) if person else await history.people_called(name, limit=MOST_PEOPLE)


def namesakes(people: Sequence[Person], zone: ZoneInfo, texts: CliTexts) -> Sequence[str]:
    """Who is who, for an operator who has to choose."""
    lines = [
        texts.one_of_several.format(
            key=printable(one.shown_key),
            name=printable(one.nick),
            count=one.questions,
            day=one.last_asked.astimezone(zone).date(),
        )
        for one in people
    ]
    return (texts.several_people, *lines)


async def transcript(
    history: History,
    people: Chosen,
    form: Format,
    settings: Settings,
    advance: Callable[[int], None],
) -> AsyncIterator[str]:
    """The file piece by piece, one person after another."""
    yield form.head
    for person in people:
        counted = _counting(records_of(history, person.key), advance)
        async for piece in form.part(
            counted, person, settings.timezone, pictures=where_pictures_are(settings)
        ):
            yield piece


def where_pictures_are(settings: Settings) -> str:
    """What stands before the name of a picture: an address, else the folder, else nothing."""
    if settings.service_url:
        return f"{settings.service_url}/images"
    is_on_server = file_of(storage_url(settings)) is None
    return "" if is_on_server else picture_folder(settings).absolute().as_posix()


async def _counting(
    records: AsyncIterator[Record], advance: Callable[[int], None]
) -> AsyncIterator[Record]:
    async for record in records:
        yield record
        advance(1)
