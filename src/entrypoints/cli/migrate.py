"""`chatgpt-dingtalk migrate`: bring the database to the newest schema."""

import os
from pathlib import Path

import rich_click as click

from application.errors import StorageFailed
from entrypoints.cli.exits import configuration_mistakes_told, fail
from entrypoints.storage import migrated
from entrypoints.trial import load_as_served


@click.command()
@click.option(
    "--config", "path", type=click.Path(path_type=Path), help="The service's configuration."
)
def migrate(path: Path | None) -> None:
    """Bring the database to the newest schema. `serve` does the same by itself when it starts."""
    with configuration_mistakes_told():
        settings = load_as_served(path, os.environ).settings
    try:
        changed = migrated(settings)
    except StorageFailed as error:
        fail(str(error))
    click.echo(
        "The schema has been brought up to date." if changed else "The schema is up to date."
    )
