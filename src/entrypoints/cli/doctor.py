"""`chatgpt-dingtalk doctor`: which hop is broken, and how to mend it."""

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from entrypoints.cli.exits import FAILED, WRONG
from entrypoints.doctor.examination import examine, is_well, of_mistakes
from entrypoints.doctor.finding import Finding, Language, Verdict
from entrypoints.doctor.report import MARKS, as_json, lines
from entrypoints.settings import ConfigurationError
from entrypoints.settings.language import early_language
from entrypoints.trial import load_as_served

ASKS: Mapping[Language, str] = {
    "zh": "正在检查；会向每个模型提一个短问题，按模型服务的价格收费。",
    "en": "Checking; each model is asked one short question, which its service charges for.",
}

COLOURS = {Verdict.WELL: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "red"}


@click.command()
@click.option("--config", "path", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True)
@click.option("--picture", is_flag=True)
def doctor(path: Path | None, *, for_programs: bool, picture: bool) -> None:
    # What went wrong is in the findings.
    logging.disable(logging.CRITICAL)
    language = early_language(path, os.environ)
    try:
        settings = load_as_served(path, os.environ).settings
    except ConfigurationError as error:
        _print(of_mistakes(error, language), language, for_programs=for_programs)
        raise Exit(WRONG) from None
    click.echo(ASKS[settings.language], err=True)
    findings = asyncio.run(examine(settings, draws=picture))
    _print(findings, settings.language, for_programs=for_programs)
    if not is_well(findings):
        raise Exit(FAILED)


def _print(findings: tuple[Finding, ...], language: Language, *, for_programs: bool) -> None:
    told: Iterator[str] = (
        iter([as_json(findings, language)]) if for_programs else lines(findings, language)
    )
    for line in told:
        click.echo(coloured(line))


def coloured(line: str) -> str:
    """The line with its mark in the colour of its verdict; where there is no terminal it is printed plain."""
    for verdict, colour in COLOURS.items():
        if line.startswith(MARKS[verdict]):
            mark = click.style(MARKS[verdict], fg=colour, bold=True)
            return mark + line.removeprefix(MARKS[verdict])
    return line
