"""What a server of OpenAI's protocol sends: only the fields that are read, tolerant of all others."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

import msgspec

Shape = TypeVar("Shape")

MOST_TOKENS = 1_000_000_000
DEEPEST = 4
"""Of lists within parts of a message."""

TEXT_TYPES = frozenset({"text", "output_text", "input_text", ""})
THOUGHT_TYPES = ("thinking", "reasoning", "thought")
REASONING_FIELDS = (
    "reasoning_content",
    "reasoning",
    "thinking",
    "thinking_content",
    "reasoning_details",
)
"""Gateways send one thought in several of them, so the first that holds one counts."""
PART_KEYS = ("text", "content", "thinking", "reasoning", "summary", "value")
SUCCESS = frozenset({"0", "200", "ok", "success"})


PAGE_BEGINS = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)
WEB_PAGE = "a web page in place of an answer: the address may be wrong"


class NotReadable(Exception):  # noqa: N818 - reads as what it says
    """Bytes that are not the JSON they should be."""


class Message(msgspec.Struct):
    """A whole message, or a step of one."""

    content: object = None
    refusal: object = None
    reasoning_content: object = None
    reasoning: object = None
    thinking: object = None
    thinking_content: object = None
    reasoning_details: object = None


class Choice(msgspec.Struct):
    index: object = None
    delta: Message | None = None
    message: Message | None = None
    text: object = None
    finish_reason: object = None
    usage: object = None


class Chunk(msgspec.Struct):
    """One chunk of a stream, or a whole completion: they differ in where the message stands."""

    choices: list[Choice | None] | None = None
    model: object = None
    usage: object = None
    error: object = None
    base_resp: object = None
    code: object = None
    message: object = None
    msg: object = None
    error_msg: object = None
    error_code: object = None
    errors: object = None
    detail: object = None
    kind: object = msgspec.field(name="object", default=None)
    type: object = None
    success: object = None

    @property
    def choice(self) -> Choice | None:
        """The first answer; nobody asks for others."""
        for one in self.choices or ():
            if one is not None and (not isinstance(one.index, int) or one.index == 0):
                return one
        return None

    @property
    def is_stray(self) -> bool:
        """Whether nothing in it belongs to a chunk or a completion."""
        return self.choices is None and not self.usage

    @property
    def has_error(self) -> bool:
        """Whether it tells of an error, in any of the ways that servers have for it."""
        if self.error or _fails(self.base_resp):
            return True
        if self.choice is not None:
            return False
        failed = bool(self.code) and not _is_success(self.code)
        explained = any((self.message, self.msg, self.error_msg, self.error_code))
        return bool(
            (failed and explained)
            or self.errors
            or self.detail
            or self.error_code
            or self.error_msg
            or self.success is False
            or "error" in (self.kind, self.type)
        )


class Piece(NamedTuple):
    """Text or thoughts in a message."""

    text: str
    is_thought: bool = False


class Usage(msgspec.Struct):
    """Tokens; the names of the Responses API and of Anthropic are those with `input` and `output`."""

    prompt_tokens: object = None
    completion_tokens: object = None
    total_tokens: object = None
    input_tokens: object = None
    output_tokens: object = None
    reasoning_tokens: object = None
    completion_tokens_details: object = None
    output_tokens_details: object = None


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


_chunk = msgspec.json.Decoder(Chunk | None)


def chunk_in(raw: bytes) -> Chunk | None:
    """One chunk or completion; None for `null`, which some servers send between chunks.

    Raises:
        NotReadable: it is no such thing.
    """
    try:
        chunk: Chunk | None = _chunk.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _chunk_in_odd_json(raw)
    return chunk


def _chunk_in_odd_json(raw: bytes) -> Chunk | None:
    # The fast decoder is strict about lone surrogates and broken UTF-8, which servers do send.
    value = json_in(raw)
    if value is None:
        return None
    try:
        return msgspec.convert(_normalized(value), Chunk)
    except (ValueError, RecursionError) as error:
        raise NotReadable("not a chunk of the chat protocol") from error


def _normalized(value: object) -> object:
    """A chunk without what cannot be one of its parts: PHP writes `[]` for an empty object."""
    if not isinstance(value, Mapping) or "choices" not in value:
        return value
    choices = value["choices"]
    listed = list(choices.values()) if isinstance(choices, Mapping) else choices or []
    if not isinstance(listed, list):
        return value
    return {
        **value,
        "choices": [_normalized_choice(one) for one in listed if isinstance(one, Mapping)],
    }


def _normalized_choice(choice: Mapping[object, object]) -> dict[object, object]:
    messages: dict[object, object] = {}
    for name in ("delta", "message"):
        message = choice.get(name)
        said = {"content": message} if isinstance(message, str) else None
        messages[name] = message if isinstance(message, Mapping) else said
    return {**choice, **messages}


def json_in(raw: bytes) -> object:
    """Raises NotReadable."""
    try:
        value: object = json.loads(raw.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotReadable("not JSON") from error
    return value


def is_web_page(raw: bytes) -> bool:
    """Whether it is what gateways serve to browsers, at addresses that are not those of the API."""
    return PAGE_BEGINS.match(raw) is not None


def pieces_of(message: Message) -> Iterator[Piece]:
    """Thoughts and text of a message, in this order, where they are fields of their own."""
    for name in REASONING_FIELDS:
        value = getattr(message, name)
        if value and (thoughts := "".join(piece.text for piece in _parts(value, DEEPEST))):
            yield Piece(thoughts, is_thought=True)
            break
    if type(message.content) in {int, float}:
        # A gateway has taken a token of digits for a number.
        yield Piece(str(message.content))
    else:
        yield from _parts(message.content, DEEPEST)


def _parts(value: object, depth: int, *, is_thought: bool = False) -> Iterator[Piece]:
    """Text is a string, or a list of parts, each of which has a type."""
    if depth < 0:
        return
    if isinstance(value, str):
        if value:
            yield Piece(value, is_thought)
    elif isinstance(value, list):
        for one in value:
            yield from _parts(one, depth - 1, is_thought=is_thought)
    elif isinstance(value, Mapping):
        yield from _part(value, depth - 1, is_thought=is_thought)


def _part(part: Mapping[object, object], depth: int, *, is_thought: bool) -> Iterator[Piece]:
    kind = part.get("type") or ""
    if not isinstance(kind, str):
        return
    thinks = is_thought or kind.startswith(THOUGHT_TYPES)
    if thinks or kind in TEXT_TYPES or kind.startswith("summary"):
        inner = next((found for key in PART_KEYS if (found := part.get(key))), None)
        yield from _parts(inner, depth, is_thought=thinks)


def _fails(base_resp: object) -> bool:
    """MiniMax tells success and failure in this object."""
    return isinstance(base_resp, Mapping) and not _is_success(base_resp.get("status_code", 0))


def _is_success(code: object) -> bool:
    return isinstance(code, int | str) and str(code).lower() in SUCCESS


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
