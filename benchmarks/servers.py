"""The servers that are compared: from a bare ASGI function to the door with its durable store."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from litestar import Litestar, post

from adapters.clock import SystemClock
from adapters.dingtalk.inbound.robots import Robots, robot_of_secret
from adapters.sql.database import open_database
from adapters.sql.doorstep import SqlDoorstep
from adapters.sql.schema import migrate
from application.inbox.receive_message import ReceiveMessage
from application.ports import Acceptance, Arrival, Doorstep
from benchmarks.load import SECRET
from entrypoints.service import tune_garbage_collection
from entrypoints.web.app import web_app
from entrypoints.web.door import Gate, dingtalk_door
from entrypoints.web.server import listening_socket, web_server

Message = MutableMapping[str, Any]


async def bare(
    _scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """The least an ASGI application can do with a request: read it and say 200."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"19")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"msgtype":"empty"}'})


@post("/", status_code=200)
async def nothing() -> dict[str, str]:
    return {"msgtype": "empty"}


class Nowhere:
    """Takes everything and keeps nothing."""

    async def accept(self, arrival: Arrival) -> Acceptance:  # noqa: ARG002 - the port's signature
        return Acceptance.STORED


def door_over(doorstep: Doorstep) -> Litestar:
    robots = Robots(robots=(robot_of_secret(SECRET),))
    gate = Gate(robots=lambda: robots, allow_unsigned=lambda: False, clock=SystemClock())
    receive = ReceiveMessage(doorstep=doorstep, bell=asyncio.Event())
    return web_app(dingtalk_door(gate, receive), [])


def durable() -> Litestar:
    url = f"sqlite:///{Path(tempfile.mkdtemp(prefix='bench-')) / 'bench.sqlite'}"
    migrate(url)
    return door_over(SqlDoorstep(open_database(url), SystemClock()))


KINDS: dict[str, Callable[[], Any]] = {
    "bare": lambda: bare,
    "litestar": lambda: Litestar([nothing], logging_config=None, openapi_config=None),
    "door": lambda: door_over(Nowhere()),
    "durable": durable,
}


async def serve(kind: str, port: int) -> None:
    app = KINDS[kind]()
    if kind in {"door", "durable"}:
        server: uvicorn.Server = web_server(app)
    else:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
    tune_garbage_collection()
    await server.serve(sockets=[listening_socket("127.0.0.1", port)])


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
