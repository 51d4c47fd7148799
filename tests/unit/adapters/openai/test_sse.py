"""Payloads come out of a stream of bytes however it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.openai.sse import LONGEST_LINE, EventLines, LineTooLong

streams = st.lists(
    st.sampled_from([b"data: a", b"data:b", b"data: ", b": ping", b"event: x", b"data", b""]),
    max_size=8,
)
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(lines=streams, end=ends, cuts=st.lists(st.integers(0, 80), max_size=6))
def test_the_cuts_do_not_matter(lines: list[bytes], end: bytes, cuts: list[int]) -> None:
    whole = end.join(lines)
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    reader = EventLines()

    payloads = [
        payload for start, stop in pairwise(edges) for payload in reader.feed(whole[start:stop])
    ]
    payloads += reader.close()

    wanted = {b"data: a": b"a", b"data:b": b"b"}
    assert payloads == [wanted[line] for line in lines if line in wanted]


def test_a_line_without_an_end_is_not_waited_for() -> None:
    reader = EventLines()
    reader.feed(b"data: " + b"x" * (LONGEST_LINE - 6))

    with pytest.raises(LineTooLong):
        reader.feed(b"x")


def test_a_long_line_that_comes_at_once_is_refused_too() -> None:
    with pytest.raises(LineTooLong):
        EventLines().feed(b"data: " + b"x" * LONGEST_LINE + b"\n")
