"""JSON lines: each record comes back exactly."""

import json
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transcripts import FORMATS
from adapters.transcripts.records import entry
from domain.failover import Attempt, Then
from domain.history import Record
from domain.inbox import State
from domain.message import RoomKind
from tests.strategies import moments
from tests.unit.adapters.transcripts.people import RECORD, SHANGHAI, ZHANG, file_of

words = st.text('a"\\\n\r\x85\u2028\u2029\x0b\x00张😀', max_size=6)
spans = st.integers(0, 10**9).map(lambda number: timedelta(microseconds=number))
attempts = st.builds(
    Attempt,
    provider=words,
    model=words,
    outcome=words,
    then=st.sampled_from(Then),
    after=spans,
    took=spans,
)
records = st.builds(
    Record,
    id=st.integers(1, 9),
    asked_at=moments,
    nick=words,
    room_kind=st.sampled_from(RoomKind),
    room_title=words,
    state=st.sampled_from(State),
    reason=words,
    question=words,
    answer=words,
    picture=words,
    provider=words,
    model=words,
    prompt_tokens=st.integers(0, 9),
    answer_tokens=st.integers(0, 9),
    first_token_after=st.none() | spans,
    took=spans,
    thought_tokens=st.none() | st.integers(0, 9),
    attempts=st.lists(attempts, max_size=2).map(tuple),
)


@given(records)
def test_a_record_comes_back_exactly(record: Record) -> None:
    assert msgspec.json.decode(entry(record, ZHANG, SHANGHAI), type=Record) == record


@given(records)
def test_a_record_is_one_line_to_every_program(record: Record) -> None:
    assert len(entry(record, ZHANG, SHANGHAI).splitlines()) == 1


@pytest.mark.anyio
async def test_a_line_says_whose_it_is_and_when_it_was_in_the_zone() -> None:
    text = await file_of(FORMATS["jsonl"], [RECORD, replace(RECORD, id=2)])

    told = [json.loads(line) for line in text.splitlines()]
    assert [one["id"] for one in told] == [1, 2]
    assert (told[0]["person"], told[0]["staff_id"]) == ("staff:zhang", "zhang")
    assert told[0]["asked_at"] == "2026-03-01T20:00:00+08:00"
