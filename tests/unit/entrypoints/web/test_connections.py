"""Which connection makes room for another, against a model that is a list."""

import logging
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from application.rate_limited_logger import RateLimitedLogger
from entrypoints.web.connections import LEAST_TAKEN, TIMEOUTS, ClientConnections, SlowReaders

MOST = 3


class Connection:
    """A connection that does as it is told."""

    def __init__(self, unsent: int = 0) -> None:
        self.unsent = unsent
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


def never(_seconds: float, _call: Callable[[], None]) -> None:
    """No loop runs here."""


def connections() -> ClientConnections:
    logger = RateLimitedLogger(logging.getLogger("connections"))
    return ClientConnections(MOST, logger=logger, call_later=never)


class Machine(RuleBasedStateMachine):
    """Connections come, ask, are answered and go; `waiting` is the model, the oldest first."""

    made: Bundle[Connection] = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.clients = connections()
        self.waiting: list[Connection] = []
        self.answered: list[Connection] = []

    @rule(target=made)
    def open(self) -> Connection:
        connection = Connection()
        self.waiting.append(connection)
        expected = None
        if len(self.waiting) + len(self.answered) > MOST:
            expected = self.waiting[0]
        self.clients.opened(connection)
        if expected is not None:
            assert expected.is_aborted
            self.waiting.remove(expected)
            self.clients.closed(expected)
        return connection

    @rule(connection=made)
    def asks(self, connection: Connection) -> None:
        if connection in self.waiting:
            self.waiting.remove(connection)
            self.answered.append(connection)
            self.clients.has_request(connection)

    @rule(connection=made)
    def is_answered(self, connection: Connection) -> None:
        if connection in self.answered:
            self.answered.remove(connection)
            self.waiting.append(connection)
            self.clients.waits_for_request(connection)

    @rule(connection=consumes(made))
    def goes(self, connection: Connection) -> None:
        for known in (self.waiting, self.answered):
            if connection in known:
                known.remove(connection)
        self.clients.closed(connection)
        self.clients.waits_for_request(connection)

    @invariant()
    def is_bounded(self) -> None:
        assert len(self.waiting) + len(self.answered) <= MOST
        assert not any(one.is_aborted for one in (*self.waiting, *self.answered))


def test_the_longest_idle_makes_room_and_never_one_that_is_being_answered() -> None:
    run_state_machine_as_test(Machine, settings=settings(stateful_step_count=20))


@pytest.mark.parametrize(
    ("taken", "is_slow"),
    [
        ([0] * 6, True),
        ([LEAST_TAKEN // 10] * 6, True),
        ([LEAST_TAKEN] * 60, False),
        ([LEAST_TAKEN // 2] * 60, False),
        ([0, 0, 0, LEAST_TAKEN, 0, 0, 0, LEAST_TAKEN, 0, 0], False),
        ([0] * 5, False),
    ],
    ids=[
        "nothing",
        "too little",
        "enough",
        "enough in two looks",
        "now and then enough",
        "nothing yet",
    ],
)
def test_who_does_not_read_is_slow(taken: list[int], *, is_slow: bool) -> None:
    readers = SlowReaders(TIMEOUTS.write)
    connection = Connection(unsent=100 * LEAST_TAKEN)
    now = 0.0
    looks = [readers.is_slow(connection, now)]
    for size in taken:
        now += TIMEOUTS.write.total_seconds() / 6
        connection.unsent -= size
        looks.append(readers.is_slow(connection, now))

    assert any(looks) is is_slow


def test_who_has_read_all_or_reads_on_starts_anew() -> None:
    readers = SlowReaders(TIMEOUTS.write)
    connection = Connection(unsent=10)

    assert not readers.is_slow(connection, 0)
    connection.unsent = 0
    assert not readers.is_slow(connection, 29)
    connection.unsent = 10
    assert not readers.is_slow(connection, 31)
    readers.forget(connection)
    assert not readers.is_slow(connection, 62)
    assert readers.is_slow(connection, 92)
