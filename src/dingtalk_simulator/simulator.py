"""The simulator as a program uses it: people talk, and what the robot did is there to see."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import msgspec

from dingtalk_simulator.callbacks.card_clicks import CardClicks
from dingtalk_simulator.callbacks.courier import Courier
from dingtalk_simulator.callbacks.say import Say
from dingtalk_simulator.callbacks.stream import StreamGateway
from dingtalk_simulator.callbacks.talk import Talk
from dingtalk_simulator.entities import Robot, Room, RoomKind
from dingtalk_simulator.records import Call, Message
from dingtalk_simulator.settings import SimulatorSettings
from dingtalk_simulator.state import World, milliseconds_now, sow
from dingtalk_simulator.switches import Failure, FailureKind, Switches

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
