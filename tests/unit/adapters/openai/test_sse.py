"""Events come out of a stream of bytes however it is cut and written."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.openai.sse import BOM, LONGEST_LINE, Event, EventStream, LineTooLong

JSON = {
    b"data: [1]": b"[1]",
    b'data:{"a":2}': b'{"a":2}',
    b"data: [DONE]": b"[DONE]",
    b'{"b":3}': b'{"b":3}',
}

streams = st.lists(
    st.sampled_from([*JSON, b"data: ", b": ping", b"id: x", b"retry", b""]), max_size=8
)
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
cuts = st.lists(st.integers(0, 80), max_size=6)


def read(whole: bytes, cuts: list[int]) -> list[Event]:
    """The events of a stream that arrives in pieces."""
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    stream = EventStream()
    events = [event for start, stop in pairwise(edges) for event in stream.feed(whole[start:stop])]
    return events + stream.close()


@given(lines=streams, end=ends, cuts=cuts, bom=st.sampled_from([b"", BOM]))
def test_neither_cuts_nor_ends_of_lines_nor_missing_blank_lines_matter(
    lines: list[bytes], end: bytes, cuts: list[int], bom: bytes
) -> None:
    events = read(bom + end.join(lines), cuts)

    assert [event.payload for event in events] == [JSON[line] for line in lines if line in JSON]


@given(indent=st.integers(0, 3), end=ends, cuts=cuts, blank=st.booleans())
def test_json_may_be_broken_over_lines(
    indent: int, end: bytes, cuts: list[int], *, blank: bool
) -> None:
    value = {"choices": [{"delta": {"content": "四"}}]}
    lines = [b"data: " + line for line in json.dumps(value, indent=indent).encode().splitlines()]

    events = read(end.join([*lines, b"" if blank else b"data: [DONE]", b""]), cuts)

    assert json.loads(events[0].payload) == value
    assert [event.payload for event in events[1:]] == ([] if blank else [b"[DONE]"])


def test_what_is_no_json_is_whole_at_the_blank_line() -> None:
    assert read(b"data: a\ndata: b\n\ndata: c\n", [4]) == [Event(b"a\nb"), Event(b"c")]


def test_the_end_mark_is_not_waited_for() -> None:
    assert EventStream().feed(b"data: [DONE]\n") == [Event(b"[DONE]")]


def test_an_event_may_name_its_type() -> None:
    events = read(b'event: error\ndata: {"a":1}\n\ndata: {"b":2}\nevent: x\ndata: [3]', [])

    assert events == [Event(b'{"a":1}', b"error"), Event(b'{"b":2}'), Event(b"[3]", b"x")]


@pytest.mark.parametrize(("sent", "shown"), [(b": hello\n", True), (b"data: [1]\n", False)])
def test_comments_are_noticed(sent: bytes, *, shown: bool) -> None:
    stream = EventStream()

    stream.feed(sent)

    assert stream.had_comment is shown


def test_a_line_without_an_end_is_not_waited_for() -> None:
    stream = EventStream()
    stream.feed(b"data: " + b"x" * (LONGEST_LINE - 6))

    with pytest.raises(LineTooLong):
        stream.feed(b"x")


def test_an_event_without_an_end_is_not_waited_for() -> None:
    stream = EventStream()
    line = b"data: {" + b"x" * (LONGEST_LINE // 2) + b"\n"

    with pytest.raises(LineTooLong):
        stream.feed(line * 3)


def test_a_long_line_that_comes_at_once_is_refused_too() -> None:
    with pytest.raises(LineTooLong):
        EventStream().feed(b"data: " + b"x" * LONGEST_LINE + b"\n")
