"""The service's end of stream mode over a fake doorstep, connected to a played gateway."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx

from adapters.clock import SystemClock
from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.stream.connection import Outside
from adapters.dingtalk.stream.frames import ROBOT_MESSAGES
from adapters.dingtalk.stream.gateway import StreamGateway
from adapters.dingtalk.stream.timings import Timings
from application.inbox.receive_message import ReceiveMessage
from dingtalk_simulator.gateway.gateway import DeliveryResult
from domain.message import RobotId
from entrypoints.streaming.robot_messages import RobotMessages
from entrypoints.streaming.streams import HandlerOf, Streams
from tests.fakes.doorstep import InMemoryDoorstep
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    SECRET,
    SimulatedGateway,
    serving,
    until,
)
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT, Json

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and spares each test the reading of certificates that nobody shows."""

FIRST = Credentials(client_id=CLIENT_ID, client_secret=SECRET)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


IMPATIENT = Timings(
    opening=seconds(1),
    handshake=seconds(1),
    silence=seconds(5),
    sending=seconds(1),
    linger=seconds(0.6),
    finishing=seconds(1),
    closing=seconds(0.2),
    first_pause=seconds(0.02),
    longest_pause=seconds(0.1),
    refused_pause=seconds(0.1),
    steady=seconds(0.05),
)


@dataclass(kw_only=True)
class Robot:
    """Everything behind the websocket, to be set and looked at by a test."""

    played: SimulatedGateway = field(default_factory=SimulatedGateway)
    timings: Timings = IMPATIENT
    storing: timedelta = field(default_factory=lambda: seconds(1))
    credentials: list[Credentials] = field(default_factory=lambda: [FIRST])
    api_url: str = ""
    certificates: ssl.SSLContext = NO_TLS
    doorstep: InMemoryDoorstep = field(default_factory=InMemoryDoorstep)
    more_topics: dict[str, HandlerOf] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ids(self) -> list[str]:
        """The ids of the messages that are stored."""
        return [message.id for message in self.doorstep.messages]

    async def hear(self, msg_id: str = "msg1", **changes: Json) -> DeliveryResult:
        """DingTalk sends a message and waits for what becomes of it."""
        data = {**GROUP_TEXT, "msgId": msg_id, **changes}
        return await self.played.gateway.deliver(CLIENT_ID, ROBOT_MESSAGES, data)

    def streams(self, client: httpx.AsyncClient) -> Streams:
        receive = ReceiveMessage(doorstep=self.doorstep, bell=self.bell)
        clock = SystemClock()
        messages = RobotMessages(receive=receive, clock=clock, storing=self.storing)
        return Streams(
            credentials=lambda: tuple(self.credentials),
            topics={ROBOT_MESSAGES: messages, **self.more_topics},
            outside=Outside(
                gateway=StreamGateway(
                    client, httpx.URL(self.api_url or self.played.url), timings=self.timings
                ),
                certificates=self.certificates,
                clock=clock,
                timings=self.timings,
            ),
            look_again=seconds(0.02),
        )


@asynccontextmanager
async def running(robot: Robot) -> AsyncIterator[Streams]:
    """The robot's streams, without a gateway of their own."""
    async with dingtalk_client() as client:
        streams = robot.streams(client)
        task = asyncio.create_task(streams.run())
        try:
            yield streams
        finally:
            async with asyncio.timeout(5):
                await streams.stop()
                await task


@asynccontextmanager
async def connected(robot: Robot) -> AsyncIterator[Streams]:
    """Gateway and robot, connected."""
    async with serving(robot.played), running(robot) as streams:
        await robot.played.connected()
        await up(streams)
        yield streams


async def up(streams: Streams) -> None:
    """Wait until the robot itself knows that it is connected, a moment after the gateway does."""
    await until(lambda: any(one.connected_since for one in streams.standings()))


def less_patient(**changes: timedelta) -> Timings:
    return replace(IMPATIENT, **changes)


def facts_of(record: logging.LogRecord, *names: str) -> tuple[object, ...]:
    """What a line of the log says beside its event."""
    return tuple(getattr(record, name) for name in names)


def robots_of(robot: Robot) -> set[RobotId]:
    return {message.robot for message in robot.doorstep.messages}
