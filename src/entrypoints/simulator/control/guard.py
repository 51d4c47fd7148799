"""Who may use the control API and the page: this machine's own programs and pages, nobody else."""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
LOOPBACK_PEERS = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
READING = frozenset({"GET", "HEAD"})

Connection: TypeAlias = ASGIConnection[BaseRouteHandler, None, None, State]
Guard: TypeAlias = Callable[[Connection, BaseRouteHandler], None]


def local_guard(control_hosts: tuple[str, ...] = ()) -> Guard:
    """A guard for routes that only this machine may use.

    A page of another site cannot use them: it brings its `Origin`, or, after its name was pointed here, its
    `Host`. `control_hosts` are names that are allowed besides, and then from other machines as well.
    """
    names = LOOPBACK_NAMES | {name.lower() for name in control_hosts}

    def check(connection: Connection, _handler: BaseRouteHandler) -> None:
        peer = connection.client.host if connection.client else ""
        if not control_hosts and peer not in LOOPBACK_PEERS:
            raise HTTPException(status_code=403, detail="only this machine may")
        host = connection.headers.get("host", "")
        if _name(f"//{host}") not in names:
            raise HTTPException(status_code=403, detail="Host is none of this machine's names")
        origin = connection.headers.get("origin")
        if origin is not None and origin != f"{connection.url.scheme}://{host}":
            raise HTTPException(status_code=403, detail="a page of another site may not")
        if connection.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise HTTPException(status_code=403, detail="a page of another site may not")
        _check_json(connection)

    return check


def _check_json(connection: Connection) -> None:
    """What changes something has to be JSON, which a page of another site cannot send unasked."""
    if connection.scope.get("method", "GET") in READING:
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(status_code=415, detail="Content-Type: application/json is needed")


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
