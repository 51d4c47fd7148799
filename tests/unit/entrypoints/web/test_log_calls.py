"""Every line that is logged before anybody has proven who they are is rate limited."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[4] / "src"

REACHED_BY_ANYBODY = (
    "entrypoints/web",
    "entrypoints/streaming",
    "entrypoints/callback_reports.py",
    "adapters/dingtalk/inbound",
    "adapters/dingtalk/stream",
    "application/inbox/receive_message.py",
)
"""Packages and modules whose code runs for callers that nobody vouches for, or for whoever plays DingTalk."""

LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})

WITH_A_REASON = {
    "message_received": "stored messages only, 8 for each signature; repeated ones are rate limited",
    "history_shown": "for a good link, which an administrator asked for",
    "history_downloaded": "the same",
    "history_link_revoked": "the same",
    "stream_client_id_shared": "once for each process of this machine",
    "stream_refused": "once for each reason, and tried again after a pause",
    "stream_unavailable": "the same",
    "stream_opening_broke": "the same",
    "stream_connected": "once for each connection, after a pause that grows",
    "stream_connection_ends": "the same",
    "stream_reading_broke": "the same: it ends the connection",
    "nameplate_not_put_up": "once for each robot of the configuration",
}
"""Events that are written each time, and why nobody can make them many."""


def modules() -> Iterator[Path]:
    for name in REACHED_BY_ANYBODY:
        path = SRC / name
        yield from [path] if path.suffix else sorted(path.rglob("*.py"))


def plain_loggers(tree: ast.Module) -> set[str]:
    """Names that a module gives to loggers that write everything."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and "getLogger" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    } | {"logging"}


def unlimited_events(source: str) -> list[str]:
    """The events that a module logs without a limit; `?` for one whose name is not written there."""
    tree = ast.parse(source)
    plain = plain_loggers(tree)
    return [
        str(ast.literal_eval(node.args[0])) if isinstance(node.args[0], ast.Constant) else "?"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and ast.unparse(node.func.value) in plain
    ]


def test_what_is_logged_without_a_limit_cannot_be_caused_at_will() -> None:
    unlimited = {
        event for path in modules() for event in unlimited_events(path.read_text(encoding="utf-8"))
    }

    assert unlimited == set(WITH_A_REASON)


@pytest.mark.parametrize(
    ("source", "events"),
    [
        ('log = logging.getLogger("a")\nlog.warning("x")', ["x"]),
        ('logging.error("x")', ["x"]),
        ("logger = logging.getLogger()\nlogger.info(name)", ["?"]),
        ('_log = logging.getLogger()\nlog = RateLimitedLogger(_log)\nlog.info("x")', []),
        ('self.logger.warning("x")', []),
    ],
)
def test_the_search_finds_calls(source: str, events: list[str]) -> None:
    assert unlimited_events(source) == events
