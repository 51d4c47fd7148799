"""A model and a DingTalk on the loopback, served by a thread beside the test."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import msgspec
from anyio.from_thread import BlockingPortal

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.records import Call as CallToDingTalk
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.state import Bounds
from tests.fakes.model_server import Behaviour, Call, Line, ModelServer, echo

SESSION = "sendBySession"
UPLOAD = "mediaUpload"
OLD_TOKEN = "gettoken"

CLIENT_ID = "ding-painter"
CLIENT_SECRET = "the-first-robot-s-secret"
"""Of the one robot that DingTalk gives tokens to."""

BOUNDS = Bounds(calls=100_000, sessions=100_000)
"""Everything of a whole run of the tests."""

Messages: TypeAlias = list[dict[str, str]]


@dataclass(slots=True)
class FakeModel:
    """Echoes every question, unless it is told what to do with the next ones."""

    server: ModelServer

    @property
    def url(self) -> str:
        return self.server.origin

    def will(self, *behaviours: Behaviour, then: Behaviour | None = None) -> None:
        """Treat the next questions so, one after another, and all after them as `then` or as usual."""
        begun = [echo(chunks=5, delay=0)] * len(self.server.calls)
        self.server.script = [*begun, *behaviours, then or echo(chunks=5, delay=0)]

    def forget(self) -> None:
        self.server.calls.clear()
        self.will()

    @property
    def calls(self) -> list[Call]:
        return list(self.server.calls)

    @property
    def heard(self) -> list[Messages]:
        """The messages of each request."""
        return [messages_of(call) for call in self.calls]

    @property
    def questions(self) -> list[str]:
        return [messages[-1]["content"] for messages in self.heard]


@dataclass(slots=True)
class Gate:
    """Keeps answers back until it is opened: all, or those to questions with a word."""

    word: str = ""
    is_open: bool = False

    async def behave(self, line: Line, call: Call) -> None:
        while not self.is_open and self.word in messages_of(call)[-1]["content"]:  # noqa: ASYNC110 - it is opened by another thread
            await asyncio.sleep(0.01)
        await echo(chunks=1, delay=0)(line, call)


def messages_of(call: Call) -> Messages:
    messages = call.body["messages"]
    assert isinstance(messages, list)
    return messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request of the service as DingTalk took it; `body` is None where it was no JSON."""

    call: CallToDingTalk

    @property
    def body(self) -> Mapping[str, object] | None:
        try:
            body = json.loads(self.call.request_body)
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    @property
    def size(self) -> int:
        return self.call.request_size

    def text(self) -> str:
        """The words that it brings."""
        return self.call.text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """One failure that DingTalk is told to have."""

    kind: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class SimulatedDingTalk:
    """The simulator: as strict as DingTalk. Replies to a message are told apart by its session."""

    simulator: Simulator
    portal: BlockingPortal

    @property
    def url(self) -> str:
        return self.simulator.origin

    def webhook(self, session: str) -> str:
        return self.portal.call(self.simulator.webhook, session)

    def will(self, *failures: Failing, at: str = SESSION) -> None:
        """Answer the next calls of an endpoint so, and then as usual."""
        for failing in failures:
            self.portal.call(partial(self.simulator.fail, at, failing.kind, **failing.facts))

    def tries(self, session: str) -> list[Received]:
        """Every reply that was posted to a session, taken or not."""
        return [Received(call=one) for one in self.portal.call(self.simulator.tries, session)]

    def calls(self, endpoint: str = "") -> list[Received]:
        """All that came, or what came to one endpoint."""
        return [Received(call=one) for one in self.portal.call(self.simulator.calls, endpoint)]

    def has_failed_as_told(self) -> bool:
        """Whether every failure that was asked for has been met."""
        return not self.portal.call(self.simulator.state.failures.all)

    def posts_to(self, target: str) -> None:
        """Send the robot's callbacks there."""
        robots, robot = self.simulator.state.robots, self.simulator.robot
        changed = msgspec.structs.replace(robot, target=f"{target}/")
        self.portal.call(robots.put, robot.id, changed)

    def end_tokens(self) -> None:
        """No token given so far is accepted any more."""
        self.portal.call(self.simulator.state.tokens.expire, None)

    def everything(self) -> str:
        """All that ever came, as text to search in."""
        return json.dumps([one.body for one in self.calls()], ensure_ascii=False)


def errcode(number: int) -> Failing:
    return Failing(kind="errcode", facts={"errcode": number})


def redirect(url: str, status: int = 302) -> Failing:
    return Failing(kind="answer", facts={"status": status, "headers": {"location": url}})


THROTTLE_PAGE = Failing(kind="throttle_page")
CLOSE = Failing(kind="close")
HANG = Failing(kind="hang")


@contextmanager
def fake_model(portal: BlockingPortal) -> Iterator[FakeModel]:
    usual = echo(chunks=5, delay=0)
    with portal.wrap_async_context_manager(ModelServer().serving(usual)) as server:
        yield FakeModel(server)


@contextmanager
def simulated_dingtalk(
    portal: BlockingPortal, *, mode: ReceiveMode = ReceiveMode.HTTP
) -> Iterator[SimulatedDingTalk]:
    settings = SimulatorSettings(
        client_id=CLIENT_ID, secret=CLIENT_SECRET, mode=mode, bounds=BOUNDS
    )
    with portal.wrap_async_context_manager(running_simulator(settings)) as simulator:
        yield SimulatedDingTalk(simulator, portal)
