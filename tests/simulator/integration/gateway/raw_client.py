"""A robot in stream mode that sends only what a test makes it send."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import ClientConnection, connect

from dingtalk_simulator.simulator import Simulator
from tests.simulator.integration.gateway.standalone import until

CLIENT_ID = "dingsimulated0001"
MESSAGES = "/v1.0/im/bot/messages/get"


async def opening(
    simulator: Simulator, secret: str, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    asked = {
        "clientId": CLIENT_ID,
        "clientSecret": secret,
        "subscriptions": [{"type": "CALLBACK", "topic": MESSAGES}],
    }
    async with httpx.AsyncClient(base_url=simulator.origin, trust_env=False) as client:
        return await client.post("/v1.0/gateway/connections/open", json=asked, headers=headers)


@asynccontextmanager
async def joined(simulator: Simulator, secret: str) -> AsyncIterator[ClientConnection]:
    told = (await opening(simulator, secret)).json()
    async with connect(f"{told['endpoint']}?ticket={told['ticket']}", proxy=None) as socket:
        await until(lambda: bool(simulator.stream and simulator.stream.connections(CLIENT_ID)))
        yield socket


async def acknowledge(socket: ClientConnection, text: str | bytes, code: int = 200) -> None:
    headers = {"messageId": json.loads(text)["headers"]["messageId"]}
    told = {"code": code, "headers": headers, "message": "OK", "data": '{"response": null}'}
    await socket.send(json.dumps(told))
