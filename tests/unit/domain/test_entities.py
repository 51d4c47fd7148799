"""Entities are decoded as the standard library does it, and none of them is too long."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities import unescaped

SIGNS = ["&", "#", "x", "X", "0", "00", "9", "f", "amp", "lt", "notit", "shy", ";", "&#", "a"]


@given(st.lists(st.sampled_from(SIGNS), max_size=12).map("".join))
def test_a_text_is_decoded_as_by_the_standard_library(text: str) -> None:
    assert unescaped(text) == html.unescape(text)


@pytest.mark.parametrize(
    ("entity", "meaning"),
    [
        (f"&#{'1' * 5000};", "\ufffd"),
        (f"&#x{'f' * 5000}", "\ufffd"),
        (f"&#{'0' * 5000}35789;", "词"),
        (f"&#X{'0' * 5000}8bcd;", "词"),
    ],
    ids=["decimal", "hexadecimal", "zeros", "hexadecimal zeros"],
)
def test_a_number_may_have_thousands_of_digits(entity: str, meaning: str) -> None:
    assert unescaped(f"坏{entity}人") == f"坏{meaning}人"
