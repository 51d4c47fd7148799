"""The command line: one small file a verb, imported only when it is used."""

from importlib import import_module
from importlib.metadata import version

import rich_click as click

from entrypoints.cli.starting import hear_signals_while_starting

COMMANDS = {
    "serve": ("entrypoints.cli.serve", "serve"),
    "check-config": ("entrypoints.cli.check_config", "check_config"),
    "migrate": ("entrypoints.cli.migrate", "migrate"),
    "doctor": ("entrypoints.cli.doctor", "doctor"),
    "backup": ("entrypoints.cli.backup", "backup"),
    "import-legacy": ("entrypoints.cli.import_legacy", "import_legacy"),
    "export-history": ("entrypoints.cli.export_history", "export_history"),
    "simulate": ("entrypoints.cli.simulate", "simulate"),
    "send": ("entrypoints.cli.send", "send"),
}
"""A new verb is a file and a line here."""

RUNNING_ON = frozenset({"serve", "simulate"})
"""Those that end when they are told to."""


class LazyGroup(click.RichGroup):
    """Imports a command when it is asked for: the service's libraries take seconds to import."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in RUNNING_ON:
            # Not later: what is imported now takes seconds.
            hear_signals_while_starting()
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("chatgpt-dingtalk"))
def main() -> None:
    """A language model in DingTalk (钉钉) chats."""
