"""What the simulator needs of a gateway for robots in stream mode."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from litestar.types import ControllerRouterHandler

MESSAGES = "/v1.0/im/bot/messages/get"
CARD_CLICKS = "/v1.0/card/instances/callback"


class Acknowledged(Protocol):
    """A robot's answer to a frame."""

    @property
    def code(self) -> int: ...

    @property
    def data(self) -> str: ...


class Pushed(Protocol):
    """What became of a frame; without an acknowledgement it is lost."""

    @property
    def acknowledgement(self) -> Acknowledged | None: ...

    @property
    def attempts(self) -> int: ...


class StreamGateway(Protocol):
    """DingTalk's side of stream mode."""

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        """Where robots get a ticket and connect."""
        ...

    def connections(self, client_id: str) -> Sequence[str]:
        """The ids of an app's open connections."""
        ...

    async def deliver(self, client_id: str, topic: str, data: Mapping[str, object]) -> Pushed:
        """Push a frame until it is acknowledged or given up."""
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
