"""Who may use the control API and the page: this machine's own programs and pages, nobody else."""

from collections.abc import Callable
from typing import TypeAlias

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from entrypoints.web.peers import from_scope, host_name, objection_to, objection_to_page

READING = frozenset({"GET", "HEAD"})

Connection: TypeAlias = ASGIConnection[BaseRouteHandler, None, None, State]
Guard: TypeAlias = Callable[[Connection, BaseRouteHandler], None]


def local_guard(control_hosts: tuple[str, ...] = ()) -> Guard:
    """A guard for routes that only this machine may use.

    A page of another site cannot use them: it brings its `Origin`, or, after its name was pointed here, its
    `Host`. `control_hosts` are names that are allowed besides, and by them from other machines as well.
    """
    names = {name.lower() for name in control_hosts}

    def check(connection: Connection, _handler: BaseRouteHandler) -> None:
        asking = from_scope(connection.scope)
        by_name = host_name(asking) in names
        if objection := objection_to_page(asking) if by_name else objection_to(asking):
            raise HTTPException(status_code=403, detail=f"only this machine may: {objection}")
        _check_json(connection)

    return check


def _check_json(connection: Connection) -> None:
    """What changes something has to be JSON, which a page of another site cannot send unasked."""
    if connection.scope.get("method", "GET") in READING:
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(status_code=415, detail="Content-Type: application/json is needed")
