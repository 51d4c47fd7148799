"""Addresses that messages and answers bring along: read once, whole, and as plain values."""

import re
from dataclasses import dataclass

import httpx

LONGEST_URL = 2048
PLAIN = re.compile(r"(?:https?|wss?)://[A-Za-z0-9.\[\]:-]+(?:[/?][!\x22$-\[\]-~]*)?")
"""Printable ASCII, without `#` and backslash; nothing before the host, perhaps a port behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideUrl:
    """What an address says. `target` is its path and query; `port` is None where it is the usual one."""

    scheme: str
    host: str
    port: int | None
    target: str


def outside_url(text: str) -> OutsideUrl | None:
    """The address, or None if it is none that can be read in one way only.

    The library's properties decode when they are read, and raise then: nothing is read outside of the guard.
    """
    if len(text) > LONGEST_URL or not PLAIN.fullmatch(text):
        return None
    try:
        url = httpx.URL(text)
        found = OutsideUrl(
            scheme=url.scheme, host=url.host, port=url.port, target=url.raw_path.decode("ascii")
        )
    except (httpx.InvalidURL, ValueError):
        return None
    return found if found.host else None
