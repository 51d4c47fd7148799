"""The inbox's protocol keeps its promises in every state, and each of its rules is needed for that."""

import pytest

from domain.inbox import MAX_ATTEMPTS, State
from tests.crash.ground import LONG
from tests.explorer.exploring import explore, is_finished
from tests.explorer.protocol import Protocol
from tests.explorer.state import Lane, Message, World


def world(*lanes: int, workers: int = 2, crashes: int = 3, pauses: int = 1) -> World:
    """Messages that come one day into these conversations, from one person who may ask once."""
    return World(
        messages=tuple(Message(lane=lane) for lane in lanes),
        lanes=(Lane(),) * (max(lanes) + 1),
        workers=(None,) * workers,
        crashes=crashes,
        pauses=pauses,
    )


pytestmark = pytest.mark.timeout(3600 if LONG else 240)
FAULTS = 3 if LONG else 1
"""With three, `make crash` looks at a million states."""

BEGINNINGS = {
    "one message": world(0, crashes=3, pauses=2),
    "two messages of one conversation": world(0, 0, crashes=FAULTS, pauses=1),
    "two conversations": world(0, 1, crashes=FAULTS, pauses=FAULTS // 2),
}


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)
def test_the_promises_hold_in_every_state(begin: World) -> None:
    found = explore(begin, Protocol())

    print(f"{found.states} states")  # noqa: T201 - how much was looked at
    assert not found.violation, (found.violation, found.trace)
    assert found.states > 1_000
    assert any(is_finished(one) for one in found.ways)


def test_a_message_that_kills_its_worker_is_given_up_and_its_author_told() -> None:
    found = explore(world(0, workers=1, crashes=MAX_ATTEMPTS + 1, pauses=0), Protocol())

    assert not found.violation, (found.violation, found.trace)
    ends = [one.messages[0] for one in found.ways if is_finished(one)]
    given_up = [one for one in ends if one.progress.attempts > MAX_ATTEMPTS]
    assert given_up
    assert {one.progress.state for one in given_up if one.sent} <= {State.FAILED}
    assert all(one.charges == one.refunds for one in given_up)


BROKEN = {
    "fenced": "a step that the message's life does not know",
    "leased": "asked again for no reason",
    "charged_once": "cost something and was not answered",
    "counted_with_limit": "more is used",
    "decided_before_sending": "sent before it was stored",
    "in_order": "before an earlier one was finished",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_without_any_one_of_the_rules_a_promise_is_broken(rule: str) -> None:
    protocol = Protocol(**{rule: False})

    found = [explore(begin, protocol) for begin in BEGINNINGS.values()]

    broken = [one for one in found if one.violation]
    assert broken, f"nobody needs {rule}"
    assert any(BROKEN[rule] in one.violation for one in broken)
    assert all(one.trace for one in broken)


def test_a_message_that_kills_must_be_given_up_at_some_time() -> None:
    begin = world(0, workers=1, crashes=MAX_ATTEMPTS + 1, pauses=0)

    assert "should be given up" in explore(begin, Protocol(exhausted=False)).violation
