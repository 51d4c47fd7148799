"""Who else is connected as the same robot: told once in the log, and in `/readyz` for as long as it is so."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from adapters.clock import SystemClock
from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.outbound.http_client import dingtalk_client
from entrypoints.streaming.streams import Streams, reached_through

pytestmark = pytest.mark.anyio

ROBOT = Credentials(client_id="ding1", client_secret="a-secret-of-a-robot")
NOWHERE = httpx.URL("http://127.0.0.1:9")


@dataclass(slots=True)
class Street:
    """Neighbours as a test says; it keeps who was shown to them."""

    others: tuple[int, ...] = ()
    shown: list[str] = field(default_factory=list)

    def arrive(self, client_id: str) -> None:
        self.shown.append(client_id)

    def leave(self, client_id: str) -> None:
        self.shown.remove(client_id)

    def strangers(self, _client_id: str) -> tuple[int, ...]:
        return self.others


async def looked(streams: Streams, others: tuple[int, ...], street: Street) -> tuple[str, ...]:
    """What is warned of a moment after others came or went."""
    street.others = others
    await asyncio.sleep(0.05)
    return tuple(one for one in streams.warnings() if "same client id" in one)


async def test_each_stranger_is_said_once_and_warned_of_until_it_has_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    street, quick = Street(), timedelta(seconds=0.005)
    async with dingtalk_client() as client:
        streams = Streams(
            credentials=lambda: (ROBOT,),
            topics={},
            outside=reached_through(client, NOWHERE, SystemClock()),
            neighbours=street,
            look_again=quick,
            look_around=quick,
        )
        running = asyncio.create_task(streams.run())

        alone = await looked(streams, (), street)
        with caplog.at_level(logging.WARNING, logger="entrypoints.streaming.streams"):
            one = await looked(streams, (11,), street)
            two = await looked(streams, (11, 12), street)
            fewer = await looked(streams, (12,), street)
        gone = await looked(streams, (), street)
        shown = list(street.shown)
        await streams.stop()
        await running

    assert (alone, gone) == ((), ())
    assert [len(told) for told in (one, two, fewer)] == [1, 1, 1]
    assert "robot ding1: another program on this machine (process 11) " in one[0]
    assert "(process 11, 12)" in two[0]
    said = [record for record in caplog.records if record.msg == "stream_client_id_shared"]
    assert [vars(record)["reason"] for record in said] == [one[0], two[0]]
    assert (shown, street.shown) == (["ding1"], [])


async def test_a_stranger_is_no_reason_for_not_being_ready() -> None:
    street = Street(others=(11,))
    async with dingtalk_client() as client:
        streams = Streams(
            credentials=lambda: (ROBOT,),
            topics={},
            outside=reached_through(client, NOWHERE, SystemClock()),
            neighbours=street,
        )
        running = asyncio.create_task(streams.run())
        await asyncio.sleep(0.05)
        reasons, warnings = streams.reasons(), streams.warnings()
        await streams.stop()
        await running

    assert not [one for one in reasons if "same client id" in one]
    assert [one for one in warnings if "same client id" in one]
