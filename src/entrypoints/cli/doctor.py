"""`chatgpt-dingtalk doctor`: which hop is broken, and how to mend it."""

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from entrypoints.cli.exits import FAILED, WRONG
from entrypoints.doctor.examination import examine, is_well, of_mistakes
from entrypoints.doctor.finding import Finding, Language
from entrypoints.doctor.report import as_json, lines
from entrypoints.settings import ConfigurationError
from entrypoints.trial import load_as_served


@click.command()
@click.option("--config", "path", type=click.Path(path_type=Path))
@click.option("--json", "for_programs", is_flag=True)
def doctor(path: Path | None, *, for_programs: bool) -> None:
    # What went wrong is in the findings.
    logging.disable(logging.CRITICAL)
    language: Language = "en" if os.environ.get("LANGUAGE") == "en" else "zh"
    try:
        settings = load_as_served(path, os.environ).settings
    except ConfigurationError as error:
        _print(of_mistakes(error), language, for_programs=for_programs)
        raise Exit(WRONG) from None
    findings = asyncio.run(examine(settings))
    _print(findings, settings.language, for_programs=for_programs)
    if not is_well(findings):
        raise Exit(FAILED)


def _print(findings: tuple[Finding, ...], language: Language, *, for_programs: bool) -> None:
    told: Iterator[str] = (
        iter([as_json(findings, language)]) if for_programs else lines(findings, language)
    )
    for line in told:
        click.echo(line)
