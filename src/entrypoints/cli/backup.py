"""`chatgpt-dingtalk backup`: database and pictures in one file, while the service runs."""

import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import rich_click as click

from adapters.shelf.folder import NAME
from adapters.sql.engine.snapshot import snapshot
from adapters.sql.engine.sqlite import file_of
from application.errors import StorageFailed
from entrypoints.cli.exits import configuration_mistakes_told, fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.output import is_new_file, opened_output
from entrypoints.cli.progress import progress
from entrypoints.cli.texts import texts_in
from entrypoints.settings import Settings
from entrypoints.storage import DATABASE_FILE, PICTURES, picture_folder, storage_url
from entrypoints.trial import load_as_served


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True)
@click.option("--config", "config", type=click.Path(path_type=Path))
def backup(file: Path, config: Path | None, *, force: bool) -> None:
    texts = texts_in(language_of_call())
    with configuration_mistakes_told():
        settings = load_as_served(config, os.environ).settings
    database = file_of(storage_url(settings))
    if database is None:
        refuse(texts.backup_on_server)
    try:
        with opened_output(file, force=force) as opened:
            if not database.exists():
                fail(texts.nothing_to_back_up.format(file=database))
            if opened.isatty():
                refuse(texts.backup_on_terminal)
            _write(opened, database, settings)
    except FileExistsError:
        refuse(texts.file_exists.format(file=file))
    except BrokenPipeError:
        raise
    except StorageFailed as error:
        fail(texts.backup_failed.format(reason=error))
    except OSError as error:
        fail(texts.backup_failed.format(reason=f"{file}: {error.strerror}"))
    is_file = is_new_file(file)
    done = texts.backup_in_file.format(file=file) if is_file else texts.backup_written
    click.echo(done, err=not is_file)


def _write(opened: BinaryIO, database: Path, settings: Settings) -> None:
    # Beside the database there is room for it, and nobody else reads it.
    with tempfile.TemporaryDirectory(prefix=".backup.", dir=database.parent) as folder:
        copy = Path(folder) / DATABASE_FILE
        # First the database: every picture that it knows is in the folder then.
        snapshot(database, copy)
        with tarfile.open(fileobj=opened, mode="w:gz", compresslevel=6) as archive:
            archive.add(copy, database.name, filter=_private)
            _add_pictures(archive, picture_folder(settings))


def _add_pictures(archive: tarfile.TarFile, folder: Path) -> None:
    names = sorted(_pictures_in(folder))
    with progress("pictures", len(names)) as step:
        for name in names:
            # One that is cleared away at this moment is missing in the service as well.
            if (folder / name).exists():
                archive.add(folder / name, f"{PICTURES}/{name}", filter=_private)
            step(1)


def _pictures_in(folder: Path) -> Iterator[str]:
    if folder.exists():
        yield from (one.name for one in os.scandir(folder) if NAME.fullmatch(one.name))


def _private(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """For whoever unpacks it, and for nobody else; without the names of accounts of this machine."""
    entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
    return entry
