"""`chatgpt-dingtalk migrate`: bring the database to the newest schema."""

import os
from pathlib import Path

import rich_click as click

from adapters.sql.schema import NEWEST, revision_now
from application.errors import StorageFailed
from entrypoints.cli.exits import configuration_mistakes_told, fail
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.texts import texts_in
from entrypoints.storage import migrated, storage_url
from entrypoints.trial import load_as_served


@click.command()
@click.option("--config", "path", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True)
def migrate(path: Path | None, *, check: bool) -> None:
    with configuration_mistakes_told():
        settings = load_as_served(path, os.environ).settings
    texts, url = texts_in(language_of_call()), storage_url(settings)
    try:
        before = revision_now(url) or texts.no_schema
        if before == NEWEST:
            click.echo(texts.schema_is_current.format(revision=NEWEST))
            return
        if check:
            fail(texts.schema_is_behind.format(before=before, after=NEWEST))
        migrated(settings)
    except StorageFailed as error:
        fail(str(error))
    click.echo(texts.schema_changed.format(before=before, after=NEWEST))
