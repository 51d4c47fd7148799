"""What a server of OpenAI's protocol sends: only the fields that are read, tolerant of all others."""

import json
from typing import TypeVar

import msgspec

Shape = TypeVar("Shape")

MOST_TOKENS = 1_000_000_000


class NotReadable(Exception):  # noqa: N818 - reads as what it says
    """Bytes that are not the JSON they should be."""


class Message(msgspec.Struct):
    """A whole message, or a step of one. What is not text (tool calls, parts) counts as nothing."""

    content: object = None
    refusal: object = None
    reasoning_content: object = None
    reasoning: object = None

    @property
    def thinks(self) -> bool:
        """Whether it holds thoughts, which are not shown but are a sign of life."""
        return bool(self.reasoning_content or self.reasoning)


class Choice(msgspec.Struct):
    delta: Message | None = None
    message: Message | None = None
    finish_reason: object = None


class Event(msgspec.Struct):
    """One chunk of a stream, or a whole completion: they differ in where the message stands."""

    choices: list[Choice] | None = None
    model: object = None
    usage: object = None
    error: object = None


class ErrorBody(msgspec.Struct):
    """OpenAI's error object. Azure nests the filter's verdict; other servers leave fields out."""

    code: object = None
    type: object = None
    param: object = None
    message: object = None


class Usage(msgspec.Struct):
    prompt_tokens: object = None
    completion_tokens: object = None


class NamedPicture(msgspec.Struct):
    """A picture: its bytes in base64, or the address where they are."""

    b64_json: object = None
    url: object = None


class ImageUsage(msgspec.Struct):
    input_tokens: object = None
    output_tokens: object = None


class DrawnPictures(msgspec.Struct):
    """What comes of a prompt for an image model."""

    data: list[NamedPicture] | None = None
    usage: object = None
    error: object = None


_event = msgspec.json.Decoder(Event)


def event_in(raw: bytes) -> Event:
    """One chunk or completion.

    Raises:
        NotReadable: it is no such thing.
    """
    try:
        return _event.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _event_in_odd_json(raw)


def _event_in_odd_json(raw: bytes) -> Event:
    # The fast decoder is strict about lone surrogates and broken UTF-8, which servers do send.
    try:
        return msgspec.convert(json.loads(raw.decode("utf-8", "replace")), Event)
    except (ValueError, RecursionError) as error:
        raise NotReadable("not a chunk of the chat protocol") from error


def pictures_in(raw: bytes) -> DrawnPictures:
    """The answer of an image model.

    Raises:
        NotReadable: it is no such thing.
    """
    try:
        return msgspec.json.decode(raw, type=DrawnPictures)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotReadable("not an answer of the images protocol") from error


def read_as(shape: type[Shape], value: object) -> Shape | None:
    """The value in that shape, or None if it has another."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError:
        return None


def token_count(value: object) -> int | None:
    """A number of tokens as a server tells it; None for what cannot be one."""
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None
