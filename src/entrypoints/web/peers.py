"""Whether this machine itself asks. Everything that only it may do is decided here.

The address of the peer alone proves nothing: a reverse proxy or a tunnel on this machine passes on what the
whole internet asks, and a browser on this machine asks what any page in it wants.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

LOCAL_HOST = re.compile(
    r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE
)
OWN_PAGE = frozenset({"none", "same-origin"})
"""What a browser's `Sec-Fetch-Site` says of an address that was typed, and of a page from the same origin."""

ORDINARY = re.compile(
    r"accept(?:-.*)?|authorization|baggage|cache-control|connection|content-.*|cookie|date|dnt|expect|from|host"
    r"|http2-settings|if-.*|keep-alive|origin|postman-token|pragma|priority|range|referer|save-data|sec-.*|sign"
    r"|te|timestamp|token|traceparent|tracestate|trailer|transfer-encoding|upgrade(?:-insecure-requests)?"
    r"|user-agent|x-prometheus-scrape-timeout-seconds|x-requested-with"
)
"""Names of headers that browsers, scripts, Prometheus and DingTalk's own callbacks send of themselves.

Any other may come from a proxy, a content network or a tunnel, which speak of who asked them by more names
than can be listed.
"""

MAY_NAME_ADDRESS = re.compile(r"host|origin|referer|user-agent|cookie|sec-.*")
"""Headers of ordinary clients in which numbers with dots mean the server, or a version."""

_NAME = re.compile(r":[0-9]*$")

BETWEEN_TOKENS = re.compile(r"[\s,;=\"\[\]]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """What is known of who asks. `headers`: by their names in small letters, with every value of each."""

    peer: str | None
    headers: Mapping[str, Sequence[str]]
    http_version: str = "1.1"


def from_scope(scope: Mapping[str, Any]) -> Requester:
    """Who asks, as an ASGI server tells it."""
    client = scope["client"]
    headers = (
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
    return Requester(
        peer=client[0] if client else None,
        headers=collected(headers),
        http_version=scope["http_version"],
    )


def collected(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Every value of each header, by the header's name in small letters."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def objection_to(asking: Requester) -> str | None:
    """Why this is not taken for this machine's own request, for the log; None if it is."""
    if not is_loopback(asking.peer):
        return "it comes from another machine"
    if asking.http_version == "1.0":
        return "HTTP/1.0 is what a reverse proxy speaks that was told nothing else"
    hosts = asking.headers.get("host", ())
    if len(hosts) != 1 or not LOCAL_HOST.fullmatch(hosts[0]):
        return "its Host is no loopback address"
    return objection_to_page(asking) or _objection_to_headers(asking.headers)


def is_this_machine(asking: Requester) -> bool:
    return objection_to(asking) is None


def is_loopback(peer: str | None) -> bool:
    """Whether a connection from this address begins on this machine."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def objection_to_page(asking: Requester) -> str | None:
    """Why the page that asks may not, if it is a browser's and from another origin."""
    host = next(iter(asking.headers.get("host", ())), "")
    is_foreign = set(asking.headers.get("origin", ())) - {f"http://{host}", f"https://{host}"}
    if is_foreign or set(asking.headers.get("sec-fetch-site", ())) - OWN_PAGE:
        return "a page of another site asks"
    return None


def host_name(asking: Requester) -> str:
    """The name in `Host` without its port, in small letters; empty where there is none, or no single one."""
    hosts = asking.headers.get("host", ())
    return _NAME.sub("", hosts[0]).lower() if len(hosts) == 1 else ""


def _objection_to_headers(headers: Mapping[str, Sequence[str]]) -> str | None:
    """A proxy adds headers of its own, or tells whom it asks for in one that others send as well."""
    for name, values in headers.items():
        if not ORDINARY.fullmatch(name):
            return "a header may speak of another client"
        if not MAY_NAME_ADDRESS.fullmatch(name) and any(map(_names_address, values)):
            return "a header names an address"
    return None


def _names_address(value: str) -> bool:
    return any(
        _is_address(token) or _is_address(token.rpartition(":")[0])
        for token in BETWEEN_TOKENS.split(value)
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
