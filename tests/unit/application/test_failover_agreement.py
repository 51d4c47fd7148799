"""Sequences of outcomes at several providers: the pool does what the written rules say, and nothing else.

The oracle below is the rules once more, as plain sentences about lists, with a table of its own.
"""

from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.answer_question import answer_to
from application.errors import ModelFailure
from application.ports import ChatModel
from application.provider import Provider
from application.provider_pool import ProviderPool
from domain.failover import ANSWERED, COOLING_DOWN, NOT_SUITABLE, Attempt
from tests.contracts.chat_model import PROMPT
from tests.fakes.clock import ManualClock
from tests.fakes.scripted_model import Line, scripted
from tests.strategies import NOON

pytestmark = pytest.mark.anyio

KINDS = {one.__name__: one for one in ModelFailure.__subclasses__()}
OK = "ok"

RETRIED = {"ModelUnavailable", "ModelCutOff", "ModelGaveNothing"}
COOL_DOWNS = {
    "ModelUnavailable": (30, 300),
    "ModelTimedOut": (30, 300),
    "ModelCutOff": (30, 300),
    "ModelMisconfigured": (30, 300),
    "ModelGone": (300, 3600),
    "ModelOutOfFunds": (300, 3600),
}
"""Seconds: the shortest and the longest."""

Script: TypeAlias = list[str]


@dataclass
class Server:
    """What the oracle knows of a provider."""

    name: str
    model: str
    context: int | None
    script: Script
    calls: int = 0
    row: tuple[str, int] = ("", 0)
    open_until: datetime | None = None

    def next_outcome(self) -> str:
        outcome = self.script[min(self.calls, len(self.script) - 1)]
        self.calls += 1
        return outcome


@dataclass
class Oracle:
    servers: list[Server]
    fallback: bool
    now: datetime = NOON
    log: list[tuple[str, str]] = field(default_factory=list)

    def ask(self) -> list[tuple[str, str]]:
        """Every provider with what came of it, in the order in which they were asked or passed over."""
        self.log = []
        left, passed = list(self.servers), set()
        failed: list[tuple[Server, str]] = []
        while True:
            fit = [one for one in left if self._fits(one, failed)]
            ready = [one for one in fit if one.open_until is None or self.now >= one.open_until]
            if not ready and len(left) == len(self.servers):
                ready = sorted(fit, key=lambda one: one.open_until or self.now)[:1]
            if not ready:
                self.log += [(one.name, NOT_SUITABLE) for one in left if one not in fit]
                return self.log
            chosen = ready[0]
            for one in fit[: fit.index(chosen)]:
                if one.name not in passed:
                    passed.add(one.name)
                    self.log.append((one.name, COOLING_DOWN))
            left.remove(chosen)
            outcome = self._tries_at(chosen)
            if outcome == OK:
                return self.log
            failed.append((chosen, outcome))

    def _tries_at(self, server: Server) -> str:
        most = 3 if not server.row[1] or len(self.servers) == 1 else 1
        pause = 0.75 / 2
        for number in range(1, most + 1):
            outcome = server.next_outcome()
            if outcome == OK:
                server.row, server.open_until = ("", 0), None
                self.log.append((server.name, ANSWERED))
                return OK
            self.log.append((server.name, outcome))
            if outcome not in RETRIED or number == most:
                self._close_or_open(server, outcome)
                return outcome
            self.now += timedelta(seconds=pause)
            pause *= 2
        raise AssertionError("the last try has returned")

    def _close_or_open(self, server: Server, outcome: str) -> None:
        if outcome not in COOL_DOWNS:
            server.row, server.open_until = ("", 0), None
            return
        kind, count = server.row
        count = count + 1 if kind == outcome else 1
        shortest, longest = COOL_DOWNS[outcome]
        server.row = (outcome, count)
        seconds = min(shortest * 2 ** (count - 1), longest)
        server.open_until = self.now + timedelta(seconds=seconds)

    def _fits(self, server: Server, failed: list[tuple[Server, str]]) -> bool:
        for other, outcome in failed:
            if outcome == "ModelDeclined" and not self.fallback:
                return False
            if outcome in {"ThinkingUsedUpLimit", "OnlyThoughts"} and server.model == other.model:
                return False
            if outcome == "PromptTooLong":
                if server.context and other.context:
                    if server.context <= other.context:
                        return False
                elif server.model == other.model:
                    return False
        return True


outcomes = st.sampled_from([OK, OK, *KINDS])
servers = st.lists(
    st.tuples(
        st.sampled_from(["small", "large"]),
        st.none() | st.sampled_from([4096, 8192]),
        st.lists(outcomes, min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)
breaks = st.lists(st.sampled_from([0, 10, 31, 301, 4000]), min_size=1, max_size=6)


def line_of(outcome: str) -> tuple[Line, ...]:
    return ("a",) if outcome == OK else ("half", KINDS[outcome]("fact"))


@given(servers, breaks, st.booleans())
@settings(max_examples=300, deadline=None)
async def test_the_pool_does_what_the_rules_say(
    drawn: list[tuple[str, int | None, Script]],
    pauses: list[int],
    fallback: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    oracle = Oracle(
        servers=[
            Server(name=str(number), model=model, context=context, script=script)
            for number, (model, context, script) in enumerate(drawn)
        ],
        fallback=fallback,
    )
    clock = ManualClock()
    models = [scripted(*map(line_of, script)) for _, _, script in drawn]
    providers: list[Provider[ChatModel]] = [
        Provider(
            name=str(number),
            model=models[number],
            concurrency=1,
            model_name=model,
            context_length=context,
        )
        for number, (model, context, _) in enumerate(drawn)
    ]
    pool = ProviderPool(
        providers=providers,
        clock=clock,
        time_limit=timedelta(hours=2),
        # Of a pause between half and all of it: in the middle.
        chance=lambda: 0.5,
    )

    for pause in pauses:
        expected = oracle.ask()
        attempts, failure = await played(pool, fallback_on_declined=fallback)

        assert [(one.provider, one.outcome) for one in attempts] == expected
        asked = [one for one in attempts if one.was_asked]
        assert (failure is None) == (asked[-1].outcome == ANSWERED)
        if failure is not None:
            assert type(failure).__name__ == asked[-1].outcome
        clock.pass_by(timedelta(seconds=pause))
        oracle.now += timedelta(seconds=pause)
    assert [len(model.heard) for model in models] == [one.calls for one in oracle.servers]
    assert clock.now() == oracle.now


async def played(
    pool: ProviderPool[ChatModel], *, fallback_on_declined: bool
) -> tuple[list[Attempt], ModelFailure | None]:
    attempts: list[Attempt] = []
    items = pool.ask(answer_to(PROMPT), fallback_on_declined=fallback_on_declined)
    try:
        async with aclosing(items):
            async for item in items:
                if isinstance(item, Attempt):
                    attempts.append(item)  # noqa: PERF401 - a failure may end it
    except ModelFailure as failure:
        return attempts, failure
    return attempts, None
