"""What the simulator needs of a gateway for robots in stream mode."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
from litestar.types import ControllerRouterHandler

from dingtalk_simulator.records import Billed, Call

MESSAGES = "/v1.0/im/bot/messages/get"
CARD_CLICKS = "/v1.0/card/instances/callback"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the record says of frames that are pushed."""

    endpoint: str
    robot: str
    billed: Billed = Billed.FREE
    room: str | None = None
    message: str | None = None


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a push: the last frame of it as it is recorded, and what the robot said to it."""

    call: Call
    answer: str | None = None
    """The `data` of the acknowledgement; None if there was none in time."""


class StreamGateway(Protocol):
    """DingTalk's side of stream mode."""

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        """Where robots get a ticket and connect."""
        ...

    def connections(self, client_id: str) -> Sequence[str]:
        """The ids of an app's open connections."""
        ...

    async def push(
        self, client_id: str, topic: str, data: Mapping[str, object], about: About
    ) -> Pushed:
        """Push a frame until it is acknowledged or given up; each attempt is recorded."""
        ...

    def rotate(self, client_id: str) -> int:
        """Announce the end of an app's connections, and end them; returns how many."""
        ...

    def drop(self, client_id: str) -> int:
        """End an app's connections without a word; returns how many."""
        ...

    async def close(self) -> None:
        """End all connections."""
        ...
