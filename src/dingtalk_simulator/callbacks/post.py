"""One signed POST to a robot, and what came back."""

import asyncio
import time
from collections.abc import Mapping

import httpx
import msgspec

from dingtalk_simulator.entities import Robot, RobotKeys, RobotKind
from dingtalk_simulator.records import LONGEST_BODY, Call, Direction
from dingtalk_simulator.signature import sign
from dingtalk_simulator.state import World
from dingtalk_simulator.switches import FailureKind

LARGEST_ANSWER = 1024 * 1024
STALE = 2 * 60 * 60 * 1000
CONTENT_TYPE = "application/json; charset=utf-8"


def signed_headers(
    world: World, robot: Robot, *, failure: FailureKind | None = None
) -> dict[str, str]:
    """What vouches for a callback: `timestamp` and `sign`, or an outgoing robot's `token`."""
    keys = world.keys.get(robot.id) or RobotKeys()
    headers = {"Content-Type": CONTENT_TYPE}
    is_outgoing = robot.kind is RobotKind.OUTGOING
    if is_outgoing and keys.token:
        headers["token"] = keys.token
    if keys.secret and (not is_outgoing or world.switches.outgoing_callbacks_are_signed):
        is_stale = failure is FailureKind.STALE_SIGNATURE
        timestamp = str(world.now() - (STALE if is_stale else 0))
        secret = f"not {keys.secret}" if failure is FailureKind.BAD_SIGNATURE else keys.secret
        headers |= {"timestamp": timestamp, "sign": sign(timestamp, secret)}
    return headers


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a robot: what is posted where, and what the record says of it."""

    endpoint: str
    url: str
    body: Mapping[str, object]
    headers: dict[str, str]
    time_limit: float
    room: str | None
    message: str | None
    robot: str
    billed: str
    failure: str = ""


async def post(world: World, client: httpx.AsyncClient, posting: Posting) -> tuple[Call, bytes]:
    """Post it; the exchange as it is recorded, and the whole answer's body."""
    content = msgspec.json.encode(posting.body)
    call = Call(
        endpoint=posting.endpoint,
        direction=Direction.TO_ROBOT,
        at=world.now(),
        path=world.without_secrets(posting.url),
        request_headers={
            name.lower(): world.without_secrets(value) for name, value in posting.headers.items()
        },
        request_body=content.decode()[:LONGEST_BODY],
        request_size=len(content),
        room=posting.room,
        message=posting.message,
        robot=posting.robot,
        billed=posting.billed,
        failure=posting.failure,
    )
    begun = time.perf_counter()
    answer = await _answered(client, posting, content, call)
    call.latency_ms = round((time.perf_counter() - begun) * 1000, 3)
    call.answer_body = world.without_secrets(answer.decode("utf-8", "replace"))[:LONGEST_BODY]
    return world.record(call), answer


async def _answered(
    client: httpx.AsyncClient, posting: Posting, content: bytes, call: Call
) -> bytes:
    try:
        async with (
            asyncio.timeout(posting.time_limit or None),
            client.stream("POST", posting.url, content=content, headers=posting.headers) as answer,
        ):
            call.status = answer.status_code
            call.answer_headers = dict(answer.headers)
            return await _beginning(answer)
    except TimeoutError:
        call.status, call.error = None, "timed_out"
    except (httpx.HTTPError, httpx.InvalidURL):
        call.error = "hung_up" if call.status else "unreachable"
        call.status = None
    return b""


async def _beginning(answer: httpx.Response) -> bytes:
    read = b""
    async for chunk in answer.aiter_bytes():
        read += chunk
        if len(read) > LARGEST_ANSWER:
            return read[:LARGEST_ANSWER]
    return read
