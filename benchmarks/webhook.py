"""DingTalk's webhook at its cheapest, for the benchmarks alone: every reply is taken, and counted.

Not the simulator: it needs 0.4 ms of CPU for a reply, ten times as much as this, and where the service shares
its cores with what it talks to, a tenth of the figures would be the simulator's. It also takes no reply to a
session that it did not open. `python -m benchmarks.webhook --port 8091`; `GET /` tells the count.
"""

import argparse
import asyncio

TAKEN = b'{"errcode":0,"errmsg":"ok"}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Webhook:
    """Counts what is posted."""

    def __init__(self) -> None:
        self._taken = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                answer = await self._answer(reader)
                writer.write(HEAD % len(answer) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if head.startswith(b"get "):
            return b"%d" % self._taken
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        self._taken += 1
        return TAKEN


async def serve(port: int) -> None:
    server = await asyncio.start_server(Webhook().accept, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, required=True)
    asyncio.run(serve(arguments.parse_args().port))
