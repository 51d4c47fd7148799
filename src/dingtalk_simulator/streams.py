"""The gateway of stream mode in a world: told who may connect and what the switches say, and recorded."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import uuid4

from litestar.types import ControllerRouterHandler

from dingtalk_simulator.callbacks.stream import About, Pushed
from dingtalk_simulator.endpoints.credentials import accepts
from dingtalk_simulator.gateway.gateway import Gateway
from dingtalk_simulator.gateway.switches import Customs, Opening, Switches
from dingtalk_simulator.records import Call, Direction
from dingtalk_simulator.state import World
from dingtalk_simulator.stream_records import StreamRecords


class RecordedGateway:
    """A gateway for the robots of this world, under its switches. Everything is kept in the log of calls.

    `origin` is what robots call this DingTalk by, if that is not the address they reached it by.
    """

    def __init__(self, world: World, *, origin: str = "") -> None:
        self._world = world
        self._records = StreamRecords(world)
        self._gateway = Gateway(
            accepts=lambda client_id, secret: accepts(world, client_id, secret),
            switches=lambda: _switches(world),
            customs=lambda: _customs(world),
            log=self._records.note,
            origin=origin,
        )

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        return self._gateway.route_handlers()

    def connections(self, client_id: str) -> Sequence[str]:
        return self._gateway.connections(client_id)

    async def push(
        self, client_id: str, topic: str, data: Mapping[str, object], about: About
    ) -> Pushed:
        """Push a frame until it is acknowledged or given up; each attempt is recorded."""
        name = uuid4().hex
        with self._records.of_push(name, about) as calls:
            delivery = await self._gateway.deliver(client_id, topic, data, about=name)
        found = delivery.acknowledgement
        acknowledged = (one for one in reversed(calls) if found and one.status is not None)
        call = next(acknowledged, None) or (calls[-1] if calls else self._never_sent(topic, about))
        return Pushed(call=call, answer=found.text if found else None)

    def rotate(self, client_id: str) -> int:
        return self._gateway.rotate(client_id)

    def drop(self, client_id: str) -> int:
        return self._gateway.drop(client_id)

    async def close(self) -> None:
        await self._gateway.close()

    def _never_sent(self, topic: str, about: About) -> Call:
        """No websocket took it, or only one that is dead."""
        call = Call(
            endpoint=about.endpoint,
            direction=Direction.TO_ROBOT,
            method="PUSH",
            path=topic,
            at=self._world.now(),
            room=about.room,
            message=about.message,
            robot=about.robot,
            error="unreachable",
        )
        return self._world.record(call)


def _switches(world: World) -> Switches:
    now = world.switches
    return Switches(
        opening=Opening(now.stream_opening),
        refuses_tickets=now.stream_refuses_tickets,
        closes_at_once=now.stream_closes_at_once,
        is_silent=now.stream_is_silent,
        sends_twice=now.stream_sends_twice,
        garbles=now.stream_garbles,
        ignores_acknowledgements=now.stream_ignores_acknowledgements,
        loses_offline=now.stream_loses_offline,
        latency=timedelta(seconds=now.stream_latency),
    )


def _customs(world: World) -> Customs:
    now = world.switches
    return Customs(
        ticket_life=timedelta(seconds=now.stream_ticket_life),
        redeliver_after=timedelta(seconds=now.stream_redelivery_pause),
        attempts=now.stream_attempts,
        ping_every=timedelta(seconds=now.stream_ping_interval),
        ping_patience=timedelta(seconds=now.stream_ping_patience),
        close_after=timedelta(seconds=now.stream_rotation_silence),
        hanging=timedelta(seconds=now.stream_hanging),
    )
