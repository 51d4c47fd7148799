"""What the service talks to: a model that answers with the question's nonce, and DingTalk's webhook."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dingtalk_simulator.records import Call as Post
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.state import Bounds
from tests.fakes.model_server import Call, Line, ModelServer, answer

NONCE = re.compile(r"nonce-[0-9]+-[0-9]+-[0-9a-f]{8}")
PARAGRAPH = "A long answer comes in several parts, and a crash may fall between them.\n\n"
LONG_ANSWER = 12_000
SESSION = "sendBySession"
ENOUGH = 1_000_000
"""More replies than the longest run has: nothing of the record makes room for anything."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How much the world had seen of the service."""

    asked: int
    replied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A time in which the service was struck, mostly a moment."""

    begin: Seen
    end: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One part as it arrived. `key` is the same for the same part of the same reply."""

    nonce: str
    key: str
    text: str


@dataclass(slots=True)
class Outside:
    """Everything outside the service, and what it has seen."""

    delay: float = 0.05
    """Seconds before the model answers."""
    overheard: Callable[[str], None] = field(default=lambda _: None)
    """Is told the nonce of each question as it reaches the model."""
    model: ModelServer = field(default_factory=ModelServer)
    dingtalk: Simulator = field(init=False)
    marks: list[Mark] = field(default_factory=list)
    _contexts: list[tuple[str, ...]] = field(default_factory=list, init=False)
    _replies: list[Reply] = field(default_factory=list, init=False)
    _refusals: list[str] = field(default_factory=list, init=False)
    _read: int = field(default=0, init=False)
    """The number of the last call that was read from the record."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Outside"]:
        settings = SimulatorSettings(bounds=Bounds(calls=ENOUGH, sessions=ENOUGH))
        async with running_simulator(settings) as self.dingtalk, self.model.serving(self._answer):
            yield self

    async def mark(self) -> None:
        """Note that the service was struck. What it sent before has to be read first."""
        seen = await self._seen()
        self.marks.append(Mark(begin=seen, end=seen))

    @asynccontextmanager
    async def ending(self) -> AsyncIterator[None]:
        """While it is entered the service ends in order, and hands its work back."""
        begin = await self._seen()
        yield
        self.marks.append(Mark(begin=begin, end=await self._seen()))

    async def _seen(self) -> Seen:
        await asyncio.sleep(0.1)
        return Seen(len(self._contexts), len(self.replies()))

    def contexts(self) -> Sequence[tuple[str, ...]]:
        """The nonces of each question that was asked, those of its history first."""
        return self._contexts

    def asked(self) -> list[str]:
        return [context[-1] for context in self._contexts]

    def replies(self) -> Sequence[Reply]:
        """Every part that was posted, taken or not, in the order of its coming."""
        self._read_on()
        return self._replies

    def refusals(self) -> Sequence[str]:
        """What DingTalk did not take, though nothing was to fail."""
        self._read_on()
        return self._refusals

    def arrived(self) -> int:
        """How many parts stand in their rooms, also those whose answer is still awaited."""
        return len(self.dingtalk.state.messages)

    def _read_on(self) -> None:
        """Read what is new in the record: a long run asks often, and has written a lot."""
        new = itertools.takewhile(
            lambda call: call.id > self._read, self.dingtalk.state.calls.newest_first()
        )
        for call in reversed(list(new)):
            assert call.id == self._read + 1, "the record has a gap"
            self._read = call.id
            if call.endpoint == SESSION:
                self._replies.append(_reply(call))
                if call.errcode != 0 and not call.failure:
                    self._refusals.append(f"{call.query}: {call.answer_body}")

    async def _answer(self, line: Line, call: Call) -> None:
        said = tuple(nonces_said(call))
        self._contexts.append(said)
        # After hundreds of kills the conversations that went along do not fit into memory.
        del call.body["messages"]
        nonce = said[-1]
        self.overheard(nonce)
        await asyncio.sleep(self.delay)
        text = f"This answers {nonce}."
        await answer(text, f"\n\n{PARAGRAPH * repeats(nonce)}")(line, call)


def _reply(call: Post) -> Reply:
    body = json.loads(call.request_body)
    return Reply(
        nonce=call.query.get("session", ""), key=str(body.get("msgUuid")), text=call.text()
    )


def repeats(nonce: str) -> int:
    """Every fourth answer is too long for one message."""
    return LONG_ANSWER // len(PARAGRAPH) if int(nonce.split("-")[2]) % 4 == 0 else 1


def nonces_said(call: Call) -> list[str]:
    """What people said, oldest first; where an answer does not match its question, it says so."""
    messages = call.body["messages"]
    assert isinstance(messages, list)
    said: list[str] = []
    for message in messages:
        found = NONCE.findall(str(message["content"]))
        if message["role"] == "user":
            said += found
        elif set(found) != {said[-1]}:
            said.append(f"an answer of {found} to {said[-1]}")
    return said
