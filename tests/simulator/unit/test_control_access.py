"""The control API's check for requests of this machine, by table."""

import pytest
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from dingtalk_simulator.control.access import is_loopback, objection_to


def objection(
    *headers: tuple[str, str], peer: str | None = "127.0.0.1", http_version: str = "1.1"
) -> str | None:
    scope = {
        "type": "http",
        "client": (peer, 4711) if peer else None,
        "http_version": http_version,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }
    connection: ASGIConnection[BaseRouteHandler, None, None, State] = ASGIConnection(scope)  # type: ignore[arg-type] # as much of a scope as is read
    return objection_to(connection)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8091", "LocalHost:1", "[::1]:8091"])
def test_a_loopback_host_is_accepted(host: str) -> None:
    assert objection(("host", host), ("accept", "*/*"), ("cookie", "last=10.0.0.1")) is None


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "10.0.0.5", "127.0.0.1:1:1", "::1"]
)
def test_any_other_host_is_refused(host: str) -> None:
    assert objection(("host", host)) == "its Host is no loopback address"


def test_a_second_host_is_refused() -> None:
    assert objection(("host", "127.0.0.1"), ("host", "127.0.0.1"))


@pytest.mark.parametrize(
    ("peer", "is_local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.5", False),
        ("localhost", False),
        (None, False),
    ],
)
def test_only_a_loopback_peer_is_accepted(peer: str | None, *, is_local: bool) -> None:
    assert is_loopback(peer) is is_local
    assert (objection(("host", "127.0.0.1"), peer=peer) is None) is is_local


@pytest.mark.parametrize(
    ("name", "value", "is_accepted"),
    [
        ("origin", "http://127.0.0.1:8091", True),
        ("origin", "http://127.0.0.1:8090", False),
        ("origin", "null", False),
        ("sec-fetch-site", "same-origin", True),
        ("sec-fetch-site", "cross-site", False),
        ("x-forwarded-for", "127.0.0.1", False),
        ("via", "x", False),
        ("X-Real-IP", "x", False),
        ("cf-ray", "x", False),
        ("x-unheard-of", "for=203.0.113.7;proto=https", False),
        ("x-unheard-of", "203.0.113.7:4711", False),
        ("x-unheard-of", "2001:db8::1", False),
        ("x-unheard-of", "12", False),
        ("traceparent", "00-0af7-b7ad-01", True),
        ("x-request-id", "1", False),
        ("x-served-by", "cache", False),
        ("x-unheard-of", "", False),
    ],
)
def test_pages_of_other_sites_and_proxies_are_refused(
    name: str, value: str, *, is_accepted: bool
) -> None:
    refused = objection(("host", "127.0.0.1:8091"), (name, value))

    assert (refused is None) is is_accepted


def test_http_1_0_is_refused() -> None:
    assert "reverse proxy" in str(objection(("host", "127.0.0.1"), http_version="1.0"))
