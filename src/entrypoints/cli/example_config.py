"""`chatgpt-dingtalk example-config`: the commented example, wherever the program is installed."""

from pathlib import Path

import rich_click as click

from entrypoints.cli.exits import fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.output import opened_output
from entrypoints.cli.texts import texts_in
from entrypoints.program import program_as_called

NAME = "config.example.yml"


def example_file() -> Path:
    """Where the example is: beside this module in an installed wheel, else in the repository."""
    installed = Path(__file__).with_name(NAME)
    return installed if installed.is_file() else Path(__file__).parents[3] / NAME


@click.command("example-config")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def example_config(file: Path | None) -> None:
    text = example_file().read_text(encoding="utf-8")
    if file is None:
        click.echo(text, nl=False)
        return
    texts = texts_in(language_of_call())
    try:
        with opened_output(file) as opened:
            opened.write(text.encode())
    except FileExistsError:
        refuse(texts.example_exists.format(file=file))
    except OSError as error:
        fail(texts.example_failed.format(file=file, reason=error.strerror))
    command = f"{program_as_called()} check-config --config {file}"
    click.echo(texts.example_written.format(file=file, command=command))
