"""The simulator as a Python object: send messages, inspect what the robot did, inject failures."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import msgspec

from dingtalk_simulator.callback_bodies import Say
from dingtalk_simulator.callback_sender import Courier, StreamGateway
from dingtalk_simulator.conversation import CardClicks, Talk
from dingtalk_simulator.entities import ReceiveMode, Robot, Room, RoomKind
from dingtalk_simulator.records import Call, Message
from dingtalk_simulator.state import Bounds, World, milliseconds_now, sow
from dingtalk_simulator.switches import Failure, FailureKind, Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence for whoever opens the page, in both languages."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """Where the simulator listens, and the robot that it plays DingTalk for.

    `origin` is what robots call it by, if that is not the address it listens on; `control_hosts` are names
    besides those of the loopback by which its page may be opened, and from other machines.
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


PATIENCE = timedelta(seconds=30)
FOR_EVER = timedelta(days=1)


class Simulator:
    """A DingTalk of one's own. `origin` is the address that robots call and that its page is at."""

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
        self.world = World(
            origin=settings.origin or origin,
            bounds=settings.bounds,
            switches=settings.switches,
            now=now,
        )
        self.courier = Courier(self.world, client)
        self.talk = Talk(self.world, self.courier)
        self.clicks = CardClicks(self.world, self.courier)
        self._robot = self._sow()

    def _sow(self) -> Robot:
        settings = self.settings
        return sow(
            self.world,
            client_id=settings.client_id,
            secret=settings.secret,
            target=settings.target,
            mode=settings.mode,
        )

    def connect(self, stream: StreamGateway) -> None:
        """Let robots in stream mode be reached through this gateway."""
        self.courier.stream = stream

    @property
    def stream(self) -> StreamGateway | None:
        return self.courier.stream

    @property
    def robot(self) -> Robot:
        """The robot of the settings as it is now."""
        return self.world.robots.get(self._robot.id) or self._robot

    @property
    def group(self) -> Room:
        """The group of the seed."""
        return next(room for room in self.world.rooms if room.kind is RoomKind.GROUP)

    @property
    def switches(self) -> Switches:
        return self.world.switches

    def switch(self, **changes: object) -> None:
        """Change switches by their names. Raises msgspec.ValidationError for an impossible one."""
        held = msgspec.to_builtins(self.world.switches)
        self.world.switches = msgspec.convert(held | changes, Switches)
        self.world.tell_change()

    def fail(self, endpoint: str, kind: FailureKind | str, **facts: object) -> None:
        """Let the next calls of an endpoint fail so; several wait for their turn."""
        asked = {"endpoint": endpoint, "kind": str(kind), **facts}
        self.world.failures.add(msgspec.convert(asked, Failure))
        self.world.tell_change()

    async def say(self, text: str = "", *, person: str = "manager1001", **facts: object) -> Message:
        """Somebody says it; returns when the robot acknowledged it or did not. See `Say` for the facts.

        Raises:
            CannotSay: somebody or something that is named does not exist.
        """
        words = {"person": person, "text": text, **facts}
        return await self.talk.say(msgspec.convert(words, Say))

    async def replies_to(
        self, message: Message, *, count: int = 1, within: timedelta = PATIENCE
    ) -> list[Message]:
        """What the robot said in the message's room since, once there is so much.

        Raises:
            TimeoutError: it did not come in time.
        """
        with self.world.events.listening() as listener:
            async with asyncio.timeout(within.total_seconds()):
                if len(self.robots_words_after(message)) < count:
                    # What comes from here on is not missed, and what came before was counted.
                    async for _ in listener.events(silence=FOR_EVER):
                        if len(self.robots_words_after(message)) >= count:
                            break
        return self.robots_words_after(message)

    def robots_words_after(self, message: Message) -> list[Message]:
        """What the robot has said in the message's room since."""
        bound = self.world.bounds.messages
        found = self.world.room_messages(message.room, after=message.sequence, limit=bound)
        return [one for one in found if one.by == "robot"]

    def calls(self, endpoint: str = "") -> list[Call]:
        """What robots called, and what was posted to them, oldest first."""
        return self.world.calls_after(0, limit=self.world.bounds.calls, endpoint=endpoint)

    def tries(self, session: str) -> list[Call]:
        """Every reply that was posted to a session, taken or not."""
        return [
            call for call in self.calls("sendBySession") if call.query.get("session") == session
        ]

    def webhook(self, session: str, *, room: str | None = None) -> str:
        """The address of a session of that id, for callbacks that somebody else makes."""
        life = round(self.switches.session_life * 1000)
        where = room or self.group.id
        opened = self.world.sessions.open(where, message=None, life_ms=life, session=session)
        return self.world.webhook_of(opened)

    def reset(self) -> None:
        """As at the start."""
        self.courier.cancel()
        self.world.reset()
        self._robot = self._sow()

    async def close(self) -> None:
        """Let nothing wait any longer, and send nothing more."""
        self.closing.set()
        if self.stream is not None:
            await self.stream.close()
        await self.courier.close()
