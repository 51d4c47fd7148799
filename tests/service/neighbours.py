"""A model and a DingTalk on the loopback, served by a thread beside the test."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from anyio.from_thread import BlockingPortal

from tests.fakes.dingtalk_server import SESSION, DingTalkServer, Received, Respond
from tests.fakes.model_server import Behaviour, Call, Line, ModelServer, echo

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


@dataclass(slots=True)
class FakeDingTalk:
    """Takes replies; those of one message are told apart by its session."""

    server: DingTalkServer

    @property
    def url(self) -> str:
        return self.server.url

    def webhook(self, session: str) -> str:
        return self.server.webhook(session)

    def will(self, *responses: Respond) -> None:
        """Answer the next replies so, whichever they are, and then as usual."""
        self.server.will(SESSION, *responses)

    def tries(self, session: str) -> list[Received]:
        """Every reply that was posted to a session, taken or not."""
        return [call for call in self.server.calls(SESSION) if call.query["session"] == session]

    def everything(self) -> str:
        """All that ever came, as text to search in."""
        return json.dumps([call.body for call in self.server.received], ensure_ascii=False)


@contextmanager
def fake_model(portal: BlockingPortal) -> Iterator[FakeModel]:
    usual = echo(chunks=5, delay=0)
    with portal.wrap_async_context_manager(ModelServer().serving(usual)) as server:
        yield FakeModel(server)


@contextmanager
def fake_dingtalk(portal: BlockingPortal) -> Iterator[FakeDingTalk]:
    with portal.wrap_async_context_manager(DingTalkServer()) as server:
        yield FakeDingTalk(server)
