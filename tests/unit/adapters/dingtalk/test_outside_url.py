"""An address from outside is plain values or nothing, and never an exception."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.outside_url import LONGEST_URL, OutsideUrl, outside_url

PIECES = [
    "https://",
    "wss://",
    "xn--",
    "a",
    "9",
    ".",
    "-",
    "[",
    "]",
    ":",
    ":443",
    "::1",
    "/",
    "?",
    "%",
    "%zz",
]


@given(st.lists(st.sampled_from(PIECES), max_size=10))
def test_no_address_breaks_the_reader(pieces: list[str]) -> None:
    found = outside_url("".join(pieces))

    assert found is None or (found.host and found.target.startswith("/"))


@given(st.text(string.printable, max_size=30))
def test_what_is_no_plain_address_is_none(text: str) -> None:
    found = outside_url(f"https://{text}")

    assert found is None or found.scheme == "https"


def test_an_address_is_read_whole() -> None:
    assert outside_url("https://Example.com:8443/a/b?c=%20d") == OutsideUrl(
        scheme="https", host="example.com", port=8443, target="/a/b?c=%20d"
    )


@pytest.mark.parametrize(
    "url", ["https://xn--/", "https://xn--a.com/", "https://a/#b", "https://a b/"]
)
def test_an_address_that_can_be_read_in_two_ways_is_none(url: str) -> None:
    assert outside_url(url) is None


def test_an_address_without_end_is_none() -> None:
    assert outside_url("https://a/".ljust(LONGEST_URL, "x")) is not None
    assert outside_url("https://a/".ljust(LONGEST_URL + 1, "x")) is None
