"""The command line: one module a command, imported only when it is used."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from typing import Any

import rich_click as click
from click.exceptions import NoArgsIsHelpError, NoSuchCommand
from rich_click.rich_context import RichContext
from rich_click.rich_help_formatter import RichHelpFormatter

from entrypoints.cli.invocation import language_of_call
from entrypoints.cli.starting import hear_signals_while_starting
from entrypoints.cli.texts import CliTexts, texts_in
from entrypoints.program import program_as_called

COMMANDS = {
    "serve": ("entrypoints.cli.serve", "serve"),
    "setup": ("entrypoints.cli.setup", "setup"),
    "example-config": ("entrypoints.cli.example_config", "example_config"),
    "check-config": ("entrypoints.cli.check_config", "check_config"),
    "migrate": ("entrypoints.cli.migrate", "migrate"),
    "doctor": ("entrypoints.cli.doctor", "doctor"),
    "backup": ("entrypoints.cli.backup", "backup"),
    "import-legacy": ("entrypoints.cli.import_legacy", "import_legacy"),
    "export-history": ("entrypoints.cli.export_history", "export_history"),
    "simulate": ("entrypoints.cli.simulate", "simulate"),
    "send": ("entrypoints.cli.send", "send"),
}
"""A new command is a module, a line here, and its help in both catalogues (`entrypoints.cli.texts`)."""

RUNNING_ON = frozenset({"serve", "simulate"})
"""Those that run until they are stopped."""


class UsageFormatter(RichHelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or texts_in(language_of_call()).usage)


class TranslatedContext(RichContext):
    formatter_class = UsageFormatter


class LazyGroup(click.RichGroup):
    """Imports a command when it is asked for, since the service's libraries take seconds to import.

    Fills in the help of each command from the catalogue of the operator's language.
    """

    context_class = TranslatedContext

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's signature
    ) -> click.Context:
        texts = texts_in(language_of_call())
        self.help = texts.program
        self.context_settings["rich_help_config"] = frame_of(texts, program_as_called())
        for parameter in self.params:
            if isinstance(parameter, click.Option) and parameter.name == "version":
                parameter.help = texts.version
        with usage_errors_translated():
            return super().make_context(info_name and program_as_called(), args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        with usage_errors_translated():
            return super().invoke(ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _explained(super().get_help_option(ctx))  # type: ignore[arg-type] # click's signature

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in RUNNING_ON:
            # Not later: what is imported now takes seconds.
            hear_signals_while_starting()
        elif args[0] not in COMMANDS and not args[0].startswith("-"):
            raise NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:  # what goes wrong from here on is about this command
            self.context_settings["rich_help_config"] = command.context_settings["rich_help_config"]
        return name, command, rest

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            return None
        translate(command, texts_in(language_of_call()))
        _explained(command.get_help_option(ctx))
        return command


def translate(command: click.Command, texts: CliTexts) -> None:
    """Give a command its help in a language, and its help page the frame of that language."""
    found = texts.commands[command.name or ""]
    command.help = found.text
    command.context_class = TranslatedContext
    called = f"{program_as_called()} {command.name}"
    command.context_settings["rich_help_config"] = frame_of(texts, called)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = found.parameters[parameter.name or ""]


def _explained(help_option: click.Option | None) -> click.Option | None:
    # click makes the option once for each command, and keeps it.
    if help_option is not None:
        help_option.help = texts_in(language_of_call()).show_help
    return help_option


def frame_of(texts: CliTexts, called: str) -> click.RichHelpConfiguration:
    """The titles around a help page, and how to get it after a wrong call."""
    return click.RichHelpConfiguration(
        options_panel_title=texts.options_title,
        arguments_panel_title=texts.arguments_title,
        commands_panel_title=texts.commands_title,
        errors_panel_title=texts.errors_title,
        errors_suggestion=texts.try_help.format(command=called),
        default_string=texts.default,
        required_long_string=texts.required,
        text_paragraph_linebreaks="\n\n",
    )


@contextmanager
def usage_errors_translated() -> Iterator[None]:
    """What click says of a wrong call, said in the operator's language."""
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        texts = texts_in(language_of_call())
        raise click.UsageError(_sentence(error, texts), ctx=error.ctx) from error


def _sentence(error: click.UsageError, texts: CliTexts) -> str:
    match error:
        case NoSuchCommand():
            sentence = texts.no_such_command.format(name=error.command_name)
        case click.NoSuchOption():
            sentence = texts.no_such_option.format(name=error.option_name)
        case click.MissingParameter():
            sentence = texts.missing.format(name=_name_of(error))
        case click.BadParameter():
            sentence = texts.bad_value.format(
                name=_name_of(error), allowed=_allowed_by(error, texts)
            )
        case _:
            sentence = texts.wrong_usage
    if similar := getattr(error, "possibilities", None):
        sentence += " " + texts.did_you_mean.format(names=", ".join(similar))
    return sentence


def _name_of(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return parameter.human_readable_name if parameter else ""


_QUOTED = re.compile(r"'(.*)'", re.DOTALL)
"""The name of a file in what click says of it."""


def _allowed_by(error: click.BadParameter, texts: CliTexts) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Path) and error.message.endswith("does not exist."):
        found = _QUOTED.search(error.message)
        return texts.no_such_file.format(file=found[1] if found else "")
    if isinstance(kind, click.Choice):
        return ", ".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange):
        return f"{kind.min}-{kind.max}"
    return ""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("chatgpt-dingtalk"), "-V", "--version")
def main() -> None:
    """Help comes from the catalogues."""
