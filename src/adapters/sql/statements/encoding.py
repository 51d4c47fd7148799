"""Values of the domain as JSON text, the way they lie in one column."""

import msgspec

from domain.conversation import Turn
from domain.failover import Attempt
from domain.message import IncomingMessage
from domain.reply import ReplyPart

_encoder = msgspec.json.Encoder()
_messages = msgspec.json.Decoder(IncomingMessage)
_parts = msgspec.json.Decoder(tuple[ReplyPart, ...])
_attempts = msgspec.json.Decoder(tuple[Attempt, ...])
_turns = msgspec.json.Decoder(tuple[Turn, ...])


def text_of(
    value: IncomingMessage | tuple[ReplyPart, ...] | tuple[Turn, ...] | tuple[Attempt, ...],
) -> str:
    """Raises UnicodeEncodeError for text that is none (a lone surrogate)."""
    return _encoder.encode(value).decode()


def message_in(text: str) -> IncomingMessage:
    return _messages.decode(text)


def parts_in(text: str) -> tuple[ReplyPart, ...]:
    return _parts.decode(text)


def turns_in(text: str) -> tuple[Turn, ...]:
    return _turns.decode(text)


def attempts_in(text: str) -> tuple[Attempt, ...]:
    return _attempts.decode(text)
