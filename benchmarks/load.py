"""A load of signed callbacks over keep-alive connections, cheap enough not to be the bottleneck."""

import asyncio
import itertools
import time
from dataclasses import dataclass

import msgspec

from adapters.dingtalk.inbound.signature import sign

SECRET = "benchmark-secret-0123456789"  # noqa: S105 - of nobody

numbers = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it: seconds for each request, and for all."""

    latencies: tuple[float, ...]
    seconds: float
    refused: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def request(port: int, *, run: str, webhook: str = "https://oapi.dingtalk.com/x") -> bytes:
    """One signed callback, of one of 500 people, as bytes on the wire."""
    number = next(numbers)
    # A signature vouches for a few messages only, so every message gets a millisecond of its own.
    now = int(time.time() * 1000) - number * 37 % 3_000_000
    timestamp = str(now)
    body = msgspec.json.encode(
        {
            "msgtype": "text",
            "text": {"content": f" 请问第 {number} 个问题怎么回答？"},
            "msgId": f"msg-{run}-{number}",
            "createAt": now,
            "conversationType": "1",
            "conversationId": f"cid-{number % 500}",
            "senderId": f"$:LWCP_v1:${number % 500}",
            "senderStaffId": f"staff{number % 500}",
            "senderNick": "测试",
            "sessionWebhook": f"{webhook}?session={number}",
            "sessionWebhookExpiredTime": int(time.time() * 1000) + 5_400_000,
        }
    )
    head = (
        f"POST / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        f"timestamp: {timestamp}\r\nsign: {sign(timestamp, SECRET)}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(  # noqa: PLR0913 - what, how much, and how long
    port: int,
    *,
    run: str,
    connections: int,
    seconds: float,
    rate: float | None = None,
    webhook: str = "https://oapi.dingtalk.com/x",
) -> Load:
    """Post for so long, as fast as it goes or at a steady rate."""
    began = time.perf_counter()
    end = began + seconds
    latencies: list[float] = []
    refused = 0
    turns = itertools.count()

    async def client() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            if rate is not None:
                due = began + next(turns) / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            if sent >= end:
                break
            writer.write(request(port, run=run, webhook=webhook))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - sent)
            refused += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return Load(latencies=tuple(latencies), seconds=time.perf_counter() - began, refused=refused)
