"""Access to the control API: programs and pages of this machine only, unless a host name is allowed.

The address of the peer alone is no proof: a reverse proxy or a tunnel on this machine forwards requests of
the whole internet, and a browser on this machine sends requests for any page that is open in it.
"""

import re
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import TypeAlias

from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from dingtalk_simulator.wire import HttpConnection

READ_ONLY_METHODS = frozenset({"GET", "HEAD"})

LOCAL_HOST = re.compile(
    r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE
)
PORT = re.compile(r":[0-9]*$")

SAME_ORIGIN = frozenset({"none", "same-origin"})
"""Values of `Sec-Fetch-Site` for a typed address and for a page of the same origin."""

ORDINARY_HEADER = re.compile(
    r"accept(?:-.*)?|authorization|baggage|cache-control|connection|content-.*|cookie|date|dnt|expect|from|host"
    r"|http2-settings|if-.*|keep-alive|origin|postman-token|pragma|priority|range|referer|save-data|sec-.*|sign"
    r"|te|timestamp|token|traceparent|tracestate|trailer|transfer-encoding|upgrade(?:-insecure-requests)?"
    r"|user-agent|x-prometheus-scrape-timeout-seconds|x-requested-with"
)
"""Names of headers that browsers, scripts, Prometheus and DingTalk's own callbacks send of themselves.

Any other may come from a proxy, a content network or a tunnel, which speak of who asked them by more names
than can be listed.
"""

MAY_HOLD_ADDRESS = re.compile(r"host|origin|referer|user-agent|cookie|sec-.*")
"""Headers of ordinary clients that may hold the address of the server, or a version like one."""

SEPARATORS = re.compile(r"[\s,;=\"\[\]]+")

Guard: TypeAlias = Callable[[HttpConnection, BaseRouteHandler], None]


def local_guard(control_hosts: tuple[str, ...] = ()) -> Guard:
    """A guard for the control API.

    A page of another site is refused: it sends its `Origin`, or its `Host` if its name was pointed here.
    `control_hosts` are further names that are allowed, from other machines as well.
    """
    names = {name.lower() for name in control_hosts}

    def check(connection: HttpConnection, _handler: BaseRouteHandler) -> None:
        hosts = connection.headers.getall("host", [])
        is_allowed_name = len(hosts) == 1 and PORT.sub("", hosts[0]).lower() in names
        objection = objection_to_page(connection) if is_allowed_name else objection_to(connection)
        if objection:
            raise HTTPException(status_code=403, detail=f"only this machine may: {objection}")
        # A page of another site cannot send JSON without asking for permission first.
        kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_read_only = connection.scope.get("method", "GET") in READ_ONLY_METHODS
        if kind != "application/json" and not is_read_only:
            raise HTTPException(status_code=415, detail="Content-Type: application/json is needed")

    return check


def objection_to(connection: HttpConnection) -> str | None:
    """Why the request does not count as one of this machine; None if it does."""
    client = connection.scope["client"]
    if not is_loopback(client[0] if client else None):
        return "it comes from another machine"
    if connection.scope["http_version"] == "1.0":
        return "HTTP/1.0 is what a reverse proxy speaks that was told nothing else"
    hosts = connection.headers.getall("host", [])
    if len(hosts) != 1 or not LOCAL_HOST.fullmatch(hosts[0]):
        return "its Host is no loopback address"
    return objection_to_page(connection) or _objection_to_headers(connection)


def objection_to_page(connection: HttpConnection) -> str | None:
    """Why the page that sent the request may not, if it is of another origin."""
    host = connection.headers.get("host", "")
    own = {f"http://{host}", f"https://{host}"}
    is_foreign = set(connection.headers.getall("origin", [])) - own
    if is_foreign or set(connection.headers.getall("sec-fetch-site", [])) - SAME_ORIGIN:
        return "a page of another site asks"
    return None


def is_loopback(peer: str | None) -> bool:
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def _objection_to_headers(connection: HttpConnection) -> str | None:
    for name, value in connection.headers.multi_items():
        if not ORDINARY_HEADER.fullmatch(name.lower()):
            return "a header may speak of another client"
        tokens = SEPARATORS.split(value)
        if not MAY_HOLD_ADDRESS.fullmatch(name.lower()) and any(
            _is_address(token) or _is_address(token.rpartition(":")[0]) for token in tokens
        ):
            return "a header names an address"
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
