"""`chatgpt-dingtalk setup`: ask for a first configuration, test it, and write it."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import rich_click as click

from adapters.clock import SystemClock
from entrypoints.cli.exits import fail, refuse
from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.output import opened_output, printable
from entrypoints.presets import PRESETS
from entrypoints.program import program_as_called
from entrypoints.settings.texts import Language
from entrypoints.setup.answers import NAME, Answers, config_text
from entrypoints.setup.checks import DoctorChecks
from entrypoints.setup.dialogue import LANGUAGES, MODES, OTHER, Dialogue, needed_besides
from entrypoints.setup.texts import SetupTexts, texts_in

OPTIONS = {
    "service": "--service",
    "base_url": "--base-url",
    "api_key": "--api-key-file, APIKEY",
    "http_proxy": "--proxy",
    "model": "--model",
    "azure_resource_name": "--azure-resource",
    "azure_deployment_name": "--azure-deployment",
    "azure_api_version": "--azure-api-version",
    "client_id": "--client-id, CLIENT_ID",
    "client_secret": "--client-secret-file, CLIENT_SECRET",
    "run_mode": "--mode",
    "service_url": "--service-url",
    "admin_users": "--admins",
    "max_request": "--daily-limit",
    "dingtalk_api_url": "--dingtalk-api-url",
}
"""How each answer is given without a terminal. Secrets come from files or variables: `ps` shows options."""

VARIABLES = {"api_key": "APIKEY", "client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET"}


class NotGiven(Exception):  # noqa: N818 - reads as what it says
    """Answers are needed, or a given one is of no use, and there is nobody to ask."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = names


class CheckFailed(Exception):  # noqa: N818 - the same
    """A check failed, and there is nobody to decide what then."""


class Terminal:
    """Satisfies `Prompter` with a person."""

    def line(self, question: str, name: str, default: str | None) -> str:  # noqa: ARG002 - the port's
        shown = bool(default)
        return str(click.prompt(question, default=default, show_default=shown, type=str))

    def secret(self, question: str, name: str, default: str | None) -> str:  # noqa: ARG002 - the port's
        return str(
            click.prompt(question, default=default, show_default=False, hide_input=True, type=str)
        )

    def after_failure(self, question: str, choices: Sequence[str]) -> str:
        chosen = ""
        while chosen not in choices:
            chosen = str(click.prompt(question, default=choices[0], type=str)).strip()
        return chosen

    def explain(self, text: str) -> None:
        click.echo(printable(text))

    say = explain


class Unattended:
    """Satisfies `Prompter` where there is no terminal: takes defaults, and gives up where there is none."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def line(self, question: str, name: str, default: str | None) -> str:  # noqa: ARG002 - the port's
        if default is None or name in self._given:
            raise NotGiven(name)
        return default

    secret = line

    def after_failure(self, question: str, choices: Sequence[str]) -> str:  # noqa: ARG002 - the port's
        raise CheckFailed

    def explain(self, text: str) -> None:
        """Nobody reads it."""

    def say(self, text: str) -> None:
        click.echo(printable(text))


@click.command()
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=NAME)
@click.option("--language", type=click.Choice(LANGUAGES))
@click.option("--service", type=click.Choice([*PRESETS, OTHER]))
@click.option("--base-url")
@click.option("--api-key-file", type=click.Path(path_type=Path))
@click.option("--proxy", "http_proxy")
@click.option("--model")
@click.option("--azure-resource", "azure_resource_name")
@click.option("--azure-deployment", "azure_deployment_name")
@click.option("--azure-api-version")
@click.option("--client-id")
@click.option("--client-secret-file", type=click.Path(path_type=Path))
@click.option("--mode", "run_mode", type=click.Choice(MODES))
@click.option("--service-url")
@click.option("--admins", "admin_users")
@click.option("--daily-limit", "max_request")
@click.option("--dingtalk-api-url")
@click.option("--no-check", is_flag=True)
def setup(
    output: Path,
    language: Language | None,
    api_key_file: Path | None,
    client_secret_file: Path | None,
    *,
    no_check: bool,
    **options: str | None,
) -> None:
    texts = texts_in(language or language_of_call())
    if os.path.lexists(output):
        command = f"{program_as_called()} setup --output {output.stem}-2{output.suffix}"
        refuse(texts.file_exists.format(file=output, command=command))
    files = {"api_key": api_key_file, "client_secret": client_secret_file}
    given = _given({"language": language, **options}, files, texts)
    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    answers = _answered(
        given,
        output,
        start=Answers(language=language or language_of_call()),
        has_terminal=has_terminal,
        is_checked=not no_check,
    )
    _write(output, answers)
    _tell_what_is_next(output, answers)


def _given(
    options: Mapping[str, str | None], files: Mapping[str, Path | None], texts: SetupTexts
) -> dict[str, str]:
    """The answers that came with the call, or with its environment."""
    given = {name: value for name, value in options.items() if value is not None}
    for name, variable in VARIABLES.items():
        if value := os.environ.get(variable):
            given.setdefault(name, value)
    for name, file in files.items():
        if file is None:
            continue
        try:
            given[name] = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            refuse(texts.unreadable_file.format(file=file, reason=reason))
    return given


def _answered(
    given: Mapping[str, str], output: Path, *, start: Answers, has_terminal: bool, is_checked: bool
) -> Answers:
    # What went wrong is in the findings.
    logging.disable(logging.CRITICAL)
    checks = DoctorChecks() if is_checked else None
    prompter = Terminal() if has_terminal else Unattended(given)
    if not has_terminal:
        given = {"language": start.language, **given}
        if missing := needed_besides(given):
            refuse(_not_given(missing, start.language))
    dialogue = Dialogue(
        prompter=prompter,
        checks=checks,
        answers=start,
        file=output,
        today=SystemClock().now().date(),
        given=given,
    )
    try:
        return dialogue.run()
    except (click.Abort, KeyboardInterrupt):
        fail("\n" + texts_in(dialogue.answers.language).cancelled)
    except CheckFailed:
        fail(texts_in(dialogue.answers.language).check_failed)
    except NotGiven as error:
        refuse(_not_given(error.names, dialogue.answers.language))


def _not_given(names: Sequence[str], language: Language) -> str:
    options = "; ".join(OPTIONS[one] for one in names)
    return texts_in(language).not_given.format(options=options)


def _write(output: Path, answers: Answers) -> None:
    texts = texts_in(answers.language)
    try:
        with opened_output(output) as file:
            file.write(config_text(answers).encode())
    except FileExistsError:
        command = f"{program_as_called()} setup --output …"
        refuse(texts.file_exists.format(file=output, command=command))
    except OSError as error:
        fail(texts.cannot_write.format(file=output, reason=error.strerror))


def _tell_what_is_next(output: Path, answers: Answers) -> None:
    texts, program = texts_in(answers.language), program_as_called()
    config = "" if output == Path(NAME) else f" --config {output}"
    hint = texts.stream_hint
    if answers.run_mode == "http":
        url = answers.service_url.rstrip("/")
        hint = texts.http_hint.format(url=url) if url else texts.http_hint_without_url
    for line in (
        texts.written.format(file=output),
        hint,
        texts.start.format(command=f"{program} serve{config}"),
        texts.doctor.format(command=f"{program} doctor{config}"),
    ):
        click.echo(line)
