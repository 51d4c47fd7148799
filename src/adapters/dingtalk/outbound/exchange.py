"""One request to DingTalk and its answer, within limits of time and size."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import httpx
import msgspec

DEADLINE = timedelta(seconds=15)
LARGEST_ANSWER = 64 * 1024
_LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `body` is None where it was no JSON object of reasonable size."""

    status: int
    body: Mapping[str, object] | None
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3


class NoAnswer(Exception):  # noqa: N818 - reads as what it says
    """Nothing came back in time; whether the request arrived is not known. Holds a name, no address."""


async def posted(
    client: httpx.AsyncClient,
    url: httpx.URL,
    body: Mapping[str, object],
    *,
    headers: Mapping[str, str] | None = None,
    deadline: timedelta = DEADLINE,
) -> Answer:
    """Post a JSON object and read the answer.

    Raises:
        NoAnswer: no connection, no answer in time, or the answer broke off.
    """
    request = client.build_request(
        "POST",
        url,
        content=msgspec.json.encode(body),
        headers={"content-type": "application/json; charset=utf-8", **(headers or {})},
    )
    return await answered(client, request, deadline=deadline)


async def answered(
    client: httpx.AsyncClient, request: httpx.Request, *, deadline: timedelta = DEADLINE
) -> Answer:
    """Send a request and read the answer; raises as `posted`."""
    try:
        async with asyncio.timeout(deadline.total_seconds()):
            response = await client.send(request, stream=True)
            try:
                content = await _content(response)
            finally:
                await response.aclose()
    except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
        raise NoAnswer(type(error).__name__) from error
    return Answer(
        status=response.status_code, body=_object(content), retry_after=_retry_after(response)
    )


async def _content(response: httpx.Response) -> bytes:
    """The body as it came over the line, or nothing if it is too large. Compressed bodies stay so."""
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            return b""
    return bytes(content)


def _object(content: bytes) -> Mapping[str, object] | None:
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _retry_after(response: httpx.Response) -> timedelta | None:
    value = response.headers.get("retry-after", "")
    if not (value.isascii() and value.isdigit() and len(value) < 6):  # noqa: PLR2004 - a day has five digits
        return None
    return min(timedelta(seconds=int(value)), _LONGEST_PAUSE)
