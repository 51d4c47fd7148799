"""Whoever is looked for and whatever is searched, SQL finds what plain lists find."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from adapters.sql.history import SqlHistory
from adapters.sql.statements.moments import millis
from adapters.sql.tables import exchanges
from application.ports import Outcome
from domain.history import Exchange, Record
from domain.inbox import State
from domain.message import IncomingMessage, Sender, StaffId
from tests.contracts.storage import DAY
from tests.fakes.in_memory_history import InMemoryHistory
from tests.integration.sql.at_once import (
    AtOnce,
    Ground,
    PostgresGround,
    SqliteGround,
    do,
    result_of,
    the,
)
from tests.strategies import NOON, message_saying

# Few letters: names must be beginnings of one another, texts must hold what is searched, and what has
# a meaning in a pattern must meet what it would match.
names = st.text("aA%_", max_size=3) | st.sampled_from(["张", "张三", "zhang", "li", "\\", "a\\%"])
words = st.text("aA%_/\\天яЯ", max_size=3)
texts = st.text("aA%_/\\天яЯ", max_size=6)
senders = st.one_of(
    st.sampled_from(["zhang", "li", "a", "A", "%"]).map(
        lambda one: Sender(staff_id=StaffId(one), sender_id="$:x", nick="")
    ),
    st.just(Sender(staff_id=None, sender_id="a", nick="")),
)


def exchange_about(message: IncomingMessage, nick: str, question: str, answer: str) -> Exchange:
    sender = replace(message.sender, nick=nick)
    return Exchange(day=DAY, sender=sender, room=message.room, question=question, answer=answer)


asked = st.lists(
    st.builds(
        lambda sender, minutes: message_saying(
            "问", sender=sender, received_at=NOON + timedelta(minutes=minutes)
        ),
        senders,
        st.integers(0, 3),
    ).flatmap(
        lambda message: st.tuples(
            st.just(message), st.builds(exchange_about, st.just(message), names, texts, texts)
        )
    ),
    max_size=12,
)


def row_of(message: IncomingMessage, exchange: Exchange) -> dict[str, object]:
    return {
        "robot": message.robot,
        "conversation": message.conversation,
        "room_kind": message.room.kind.value,
        "room": message.room.id,
        "room_title": exchange.room.title,
        "user_key": message.sender.key,
        "staff_id": message.sender.staff_id,
        "nick": exchange.sender.nick,
        "asked_at": millis(message.received_at),
        "state": State.ANSWERED.value,
        "reason": "answered",
        "question": exchange.question,
        "answer": exchange.answer,
        "provider": "",
        "model": "",
        "prompt_tokens": 0,
        "answer_tokens": 0,
        "took_ms": 0,
    }


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Iterator[Callable[[], Ground]]:
    """Makes a database without rows."""
    if request.param == "sqlite":
        yield SqliteGround
        return
    with closing(PostgresGround(request.getfixturevalue("tables"))) as ground:
        yield ground.emptied


@contextmanager
def both(
    empty: Callable[[], Ground], questions: list[tuple[IncomingMessage, Exchange]]
) -> Iterator[tuple[Ground, SqlHistory, InMemoryHistory]]:
    """A history in SQL and one in plain lists, of the same questions."""
    ground, plain = empty(), InMemoryHistory()
    for message, exchange in questions:
        do(ground, partial(remember, row=row_of(message, exchange)))
        outcome = Outcome(state=State.ANSWERED, reason="answered", exchange=exchange)
        plain.remember(message, outcome)
    yield ground, SqlHistory(AtOnce(ground)), plain


def remember(connection: Connection, *, row: dict[str, object]) -> None:
    connection.execute(insert(exchanges), row)


@settings(max_examples=60)
@given(asked, names, st.integers(1, 3))
def test_the_same_people_are_found(
    empty: Callable[[], Ground],
    questions: list[tuple[IncomingMessage, Exchange]],
    name: str,
    limit: int,
) -> None:
    with both(empty, questions) as (ground, sql, plain):
        found = the(ground, sql.people_called(name, limit=limit))

        assert found == result_of(plain.people_called(name, limit=limit))


@settings(max_examples=100)
@given(asked.filter(bool), words, st.integers(0, 3), st.integers(1, 4))
def test_the_same_pages_are_shown(
    empty: Callable[[], Ground],
    questions: list[tuple[IncomingMessage, Exchange]],
    matching: str,
    number: int,
    size: int,
) -> None:
    person = questions[0][0].sender.key
    with both(empty, questions) as (ground, sql, plain):
        page = the(ground, sql.page(person, matching=matching, number=number, size=size))

        assert page == result_of(plain.page(person, matching=matching, number=number, size=size))


@settings(max_examples=40)
@given(asked.filter(bool), st.integers(1, 4))
def test_the_same_records_follow_one_another(
    empty: Callable[[], Ground], questions: list[tuple[IncomingMessage, Exchange]], limit: int
) -> None:
    person = questions[0][0].sender.key
    after: Record | None = None
    with both(empty, questions) as (ground, sql, plain):
        while True:
            some = the(ground, sql.following(person, after=after, limit=limit))
            assert some == result_of(plain.following(person, after=after, limit=limit))
            assert isinstance(some, tuple)
            if not some:
                return
            after = some[-1]
