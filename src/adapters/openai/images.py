"""The image model at OpenAI, Azure, or a server like them, whichever way it hands a picture over."""

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from adapters.openai.connection import Client, Connection, Reply
from adapters.openai.errors import RequestRefused, failure_of, provider_error_in
from adapters.openai.protocol import (
    WEB_PAGE,
    DrawnPictures,
    ImageUsage,
    NamedPicture,
    NotReadable,
    chunk_in,
    is_web_page,
    json_in,
    pictures_in,
    read_as,
    token_count,
)
from adapters.openai.refusals import (
    Refusal,
    is_about_parameters,
    names_no_parameter,
    refused_among,
)
from application.errors import ModelGaveNothing, ModelMisconfigured, ModelUnavailable
from application.ports import Drawing
from domain.picture import MAX_BYTES, Picture

LONGEST_BODY = MAX_BYTES * 4 // 3 + 64 * 1024
"""Bytes: the largest picture in base64, and what stands around it."""

FETCH_LIMIT = timedelta(seconds=60)
DATA_ADDRESS = "data:"

OPTIONAL = ("response_format", "user")
"""Parameters without which a picture comes as well: models of some makes refuse them."""


class OpenAIImageModel:
    """Remembers which parameters its server refused, and sends those no more.

    `verified` makes a picture of bytes, and None of whatever is no picture that is shown.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        model: str,
        verified: Callable[[bytes], Picture | None],
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        self._connection = connection
        self._model = model
        self._verified = verified
        self._headers = extra_headers or {}
        self._left_out: set[str] = set()

    async def draw(self, prompt: str, *, asker: str) -> Drawing:
        client = await self._connection.client()
        drawn = await self._answer_to(client, self._parameters(prompt, asker))
        usage = read_as(ImageUsage, drawn.usage) or ImageUsage()
        content = await _content_of(drawn, client)
        picture = await asyncio.to_thread(self._verified, content)
        if picture is None:
            raise ModelGaveNothing("what came is no picture that is shown")
        return Drawing(
            picture=picture,
            model=self._model,
            prompt_tokens=token_count(usage.input_tokens),
            answer_tokens=token_count(usage.output_tokens),
        )

    def _parameters(self, prompt: str, asker: str) -> dict[str, object]:
        # Bytes in the answer need no second server to be reached. Size and quality are the model's own.
        asked: dict[str, object] = {
            "model": self._model,
            "prompt": prompt,
            "response_format": "b64_json",
        }
        if asker:
            asked["user"] = asker
        return asked

    async def _answer_to(self, client: Client, asked: dict[str, object]) -> DrawnPictures:
        while True:
            sent = {name: value for name, value in asked.items() if name not in self._left_out}
            try:
                return _read(await _body_of(client.draw(sent, self._headers), LONGEST_BODY))
            except RequestRefused as refusal:
                # Each lesson takes a parameter out of what is sent, so this ends.
                if not self._learn(Refusal(error=refusal.error, sent=sent, estimate=0)):
                    raise failure_of(refusal.error) from refusal

    def _learn(self, refusal: Refusal) -> bool:
        """Leave out what the server does not know; whether that changes what is sent."""
        if not is_about_parameters(refusal.error):
            return False
        unknown = refused_among(OPTIONAL, refusal)
        if "b64_json" in refusal.error.text:
            unknown.append("response_format")
        if not unknown and names_no_parameter(refusal):
            unknown += OPTIONAL
        self._left_out.update(unknown)
        # Another wish may have taught it meanwhile, so it is what was sent that counts.
        return not self._left_out.isdisjoint(refusal.sent)


def _read(body: bytes) -> DrawnPictures:
    try:
        # What tells of an error is told alike everywhere.
        told, drawn = chunk_in(body), pictures_in(body)
    except NotReadable as error:
        if is_web_page(body):
            raise ModelMisconfigured(WEB_PAGE) from error
        raise ModelUnavailable("garbage in the response") from error
    if told is not None and told.has_error and not drawn.data:
        raise RequestRefused(provider_error_in(json_in(body)))
    return drawn


async def _content_of(drawn: DrawnPictures, client: Client) -> bytes:
    first = drawn.data[0] if drawn.data else NamedPicture()
    if isinstance(first.b64_json, str) and first.b64_json:
        return _decoded(first.b64_json)
    if not isinstance(first.url, str) or not first.url:
        raise ModelGaveNothing("no picture in the answer")
    if first.url.startswith(DATA_ADDRESS):
        return _decoded(first.url)
    try:
        async with asyncio.timeout(FETCH_LIMIT.total_seconds()):
            return await _body_of(client.fetch(first.url), MAX_BYTES)
    except TimeoutError as error:
        raise ModelUnavailable("time is up while fetching the picture") from error


def _decoded(text: str) -> bytes:
    """Bytes from base64, of which some servers make a `data:` address."""
    if text.startswith(DATA_ADDRESS):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise ModelGaveNothing("the picture is not in base64") from error


async def _body_of(replied: AbstractAsyncContextManager[Reply], longest: int) -> bytes:
    body = bytearray()
    async with replied as reply:
        async for received in reply.received:
            body += received
            if len(body) > longest:
                raise ModelGaveNothing("the picture is too large")
    return bytes(body)
