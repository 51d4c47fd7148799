"""Who is at the other end of a connection, as far as that can be told."""

from collections.abc import Iterable

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDING = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip"})
FORWARDED = "x-forwarded-"


def is_this_machine(peer: str | None, headers: Iterable[str]) -> bool:
    """Whether this machine itself asks: from an address that nobody can have forwarded for somebody else.

    `headers` are the names of the request's headers in small letters.
    """
    return peer in LOOPBACK and not any(map(_tells_of_forwarding, headers))


def _tells_of_forwarding(header: str) -> bool:
    return header in FORWARDING or header.startswith(FORWARDED)
