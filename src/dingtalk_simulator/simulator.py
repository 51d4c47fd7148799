"""The simulator as a Python object: send messages, inspect what the robot did, inject failures."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import msgspec

from dingtalk_simulator.callback_bodies import SendRequest
from dingtalk_simulator.callback_sender import CallbackSender, StreamGateway
from dingtalk_simulator.conversation import CardClicks, Conversation
from dingtalk_simulator.entities import Chat, ChatKind, ReceiveMode, Robot
from dingtalk_simulator.records import Call, Message
from dingtalk_simulator.state import Bounds, State, milliseconds_now, seed
from dingtalk_simulator.switches import Failure, FailureKind, Switches

REPLY_TIMEOUT = timedelta(seconds=30)
NO_TIMEOUT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice on the page, in both languages."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The listening address of the simulator, and its first robot.

    `origin` is the address for robots, if it is not the listening address; `control_hosts` are additional
    host names by which the page may be opened, from other machines as well.
    """

    target: str = ""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    client_id: str = "dingsimulated0001"
    mode: ReceiveMode = ReceiveMode.HTTP
    host: str = "127.0.0.1"
    port: int = 0
    origin: str = ""
    control_hosts: tuple[str, ...] = ()
    notice: Notice = Notice()
    switches: Switches = field(default_factory=Switches)
    bounds: Bounds = field(default_factory=Bounds)


class Simulator:
    """A simulated DingTalk. `origin` is the address of its endpoints and its page."""

    def __init__(
        self,
        settings: SimulatorSettings,
        client: httpx.AsyncClient,
        *,
        origin: str,
        now: Callable[[], int] = milliseconds_now,
    ) -> None:
        self.settings = settings
        self.origin = origin
        self.closing = asyncio.Event()
        self.state = State(
            origin=settings.origin or origin,
            bounds=settings.bounds,
            switches=settings.switches,
            now=now,
        )
        self.callback_sender = CallbackSender(self.state, client)
        self.conversation = Conversation(self.state, self.callback_sender)
        self.clicks = CardClicks(self.state, self.callback_sender)
        self._robot = self._seed()

    def _seed(self) -> Robot:
        settings = self.settings
        return seed(
            self.state,
            client_id=settings.client_id,
            secret=settings.secret,
            target=settings.target,
            mode=settings.mode,
        )

    def connect(self, stream: StreamGateway) -> None:
        """Use this gateway for robots in stream mode."""
        self.callback_sender.stream = stream

    @property
    def stream(self) -> StreamGateway | None:
        return self.callback_sender.stream

    @property
    def robot(self) -> Robot:
        """The robot of the settings in its current state."""
        return self.state.robots.get(self._robot.id) or self._robot

    @property
    def group(self) -> Chat:
        """The group of the seed."""
        return next(chat for chat in self.state.chats if chat.kind is ChatKind.GROUP)

    @property
    def switches(self) -> Switches:
        return self.state.switches

    def switch(self, **changes: object) -> None:
        """Change switches by name. Raises msgspec.ValidationError for an invalid value."""
        held = msgspec.to_builtins(self.state.switches)
        self.state.switches = msgspec.convert(held | changes, Switches)
        self.state.emit_change()

    def fail(self, endpoint: str, kind: FailureKind | str, **facts: object) -> None:
        """Queue a failure for the next calls of an endpoint."""
        values = {"endpoint": endpoint, "kind": str(kind), **facts}
        self.state.failures.add(msgspec.convert(values, Failure))
        self.state.emit_change()

    async def send(
        self, text: str = "", *, person: str = "manager1001", **facts: object
    ) -> Message:
        """Send a message as a person; returns after the first delivery attempt. `facts`: see `SendRequest`.

        Raises:
            SendError: something that is named does not exist.
        """
        words = {"person": person, "text": text, **facts}
        return await self.conversation.send(msgspec.convert(words, SendRequest))

    async def replies_to(
        self, message: Message, *, count: int = 1, within: timedelta = REPLY_TIMEOUT
    ) -> list[Message]:
        """Wait for `count` messages of the robot after this one in its chat.

        Raises:
            TimeoutError: there were not enough in time.
        """
        with self.state.events.subscribe() as listener:
            async with asyncio.timeout(within.total_seconds()):
                if len(self.replies_after(message)) < count:
                    # The subscription exists already, so no message is missed after this count.
                    async for _ in listener.events(silence=NO_TIMEOUT):
                        if len(self.replies_after(message)) >= count:
                            break
        return self.replies_after(message)

    def replies_after(self, message: Message) -> list[Message]:
        """The messages of the robot after this one in its chat."""
        bound = self.state.bounds.messages
        found = self.state.messages_in(message.room, after=message.sequence, limit=bound)
        return [one for one in found if one.by == "robot"]

    def calls(self, endpoint: str = "") -> list[Call]:
        """The calls from and to robots, oldest first."""
        return self.state.calls_after(0, limit=self.state.bounds.calls, endpoint=endpoint)

    def tries(self, session: str) -> list[Call]:
        """Every call that posted to a session, accepted or refused."""
        return [
            call for call in self.calls("sendBySession") if call.query.get("session") == session
        ]

    def webhook(self, session: str, *, chat: str | None = None) -> str:
        """Open a session with that id and return its URL, for callbacks made by tests."""
        life = round(self.switches.session_life * 1000)
        where = chat or self.group.id
        opened = self.state.sessions.open(where, message=None, life_ms=life, session=session)
        return self.state.webhook_of(opened)

    def reset(self) -> None:
        """Restore the initial state."""
        self.callback_sender.cancel()
        self.state.reset()
        self._robot = self._seed()

    async def close(self) -> None:
        """End all waits, connections and deliveries."""
        self.closing.set()
        if self.stream is not None:
            await self.stream.close()
        await self.callback_sender.close()
