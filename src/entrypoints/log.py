"""Structured logs: one event a line, as JSON, or readable where a person looks on."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

from application.rate_limited_logger import RateLimitFilter

QUIET = (
    "PIL",
    "alembic",
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "openai",
    "aiohttp",
    "watchfiles",
    "uvicorn",
)
"""Libraries that would write addresses, or too much."""

OF_STRANGERS = frozenset({"asyncio", "litestar", "uvicorn"})
"""Libraries that write what anybody who reaches the port can cause."""

LINE_BREAKS = {ord(one): f"\\u{ord(one):04x}" for one in "\u0085\u2028\u2029"}
"""What JSON leaves as it is and some readers take for the end of a line."""


def log_to_stderr(level: str, *, readable: bool | None = None) -> None:
    """Everything the program logs goes to stderr; `readable` is guessed from the terminal if None."""
    for_people = sys.stderr.isatty() if readable is None else readable
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [_on_one_line, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if for_people
        else [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    )
    if level != "debug":
        last.insert(0, _without_exception_text)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(RateLimitFilter(OF_STRANGERS))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its warnings are of malformed requests, which the service reports itself.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _without_exception_text(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Where an exception came from and its kinds; its text may quote people and is for `debug` only."""
    if isinstance(info := event.pop("exc_info", None), tuple) and info[1] is not None:
        kinds = []
        error: BaseException | None = info[1]
        while error is not None:
            kinds.append(type(error).__qualname__)
            error = error.__cause__ or error.__context__
        event["exception"] = " < ".join(kinds)
        event["at"] = "".join(traceback.format_tb(info[2]))
    return event


def _on_one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """What people chose, such as a group's title, neither begins a line nor moves the cursor."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode("ascii")
    return event


def _json(event: MutableMapping[str, Any], **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode().translate(LINE_BREAKS)
