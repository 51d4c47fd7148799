"""What a message says, whatever kind it is; a kind nobody knows yet says nothing and breaks nothing."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from domain.message import Content, ContentKind

Shape = TypeVar("Shape", bound=msgspec.Struct)


NULL = msgspec.Raw(b"null")


class Quoted(msgspec.Struct, frozen=True):
    """The message another one refers to. Undocumented; shapes seen in the field.

    It is read on its own, so that a shape nobody has seen yet costs the quotation and not the question.
    """

    content: msgspec.Raw = NULL
    text: msgspec.Raw = NULL


class QuotedWords(msgspec.Struct, frozen=True):
    """What the kinds of messages call their words."""

    text: str | None = None
    content: str | None = None
    recognition: str | None = None
    summary: str | None = None
    file_name: str | None = msgspec.field(name="fileName", default=None)

    @property
    def first(self) -> str:
        said = (self.text, self.content, self.recognition, self.summary, self.file_name)
        return next((words for words in said if words), "")


class TextBody(msgspec.Struct, frozen=True):
    content: str = ""
    replied: msgspec.Raw = msgspec.field(name="repliedMsg", default=NULL)


class RichPiece(msgspec.Struct, frozen=True):
    text: str | None = None
    at_name: str | None = msgspec.field(name="atName", default=None)


class RichBody(msgspec.Struct, frozen=True):
    pieces: list[msgspec.Raw] = msgspec.field(name="richText", default_factory=list)
    replied: msgspec.Raw = msgspec.field(name="repliedMsg", default=NULL)


class VoiceBody(msgspec.Struct, frozen=True):
    recognition: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a callback that says what was sent."""

    msgtype: str
    text: msgspec.Raw = NULL
    content: msgspec.Raw = NULL
    quote: msgspec.Raw = msgspec.field(name="quoteMessage", default=NULL)


def content_of(body: Body) -> Content:
    """What was said; the text is None where there is nothing to read.

    Raises msgspec.DecodeError or RecursionError where the JSON below is none.
    """
    read = READERS.get(body.msgtype)
    return read(body) if read else Content(kind=ContentKind.OTHER, text=None)


def _text(body: Body) -> Content:
    said = _read(body.text, TextBody)
    # One page of the documentation prints the text at the top level.
    return Content(
        kind=ContentKind.TEXT,
        text=said.content if said else _read_string(body.content),
        quoted=_quoted(said.replied if said else NULL, body.quote),
    )


def _rich_text(body: Body) -> Content:
    said = _read(body.content, RichBody)
    words = "".join(_rich_words(said.pieces)) if said else (_read_string(body.content) or "")
    return Content(
        kind=ContentKind.RICH_TEXT,
        text=words if words.strip() else None,
        quoted=_quoted(said.replied if said else NULL, body.quote),
    )


def _rich_words(pieces: Iterable[msgspec.Raw]) -> Iterable[str]:
    """The words of each piece in the order of the pieces; a picture or an unknown piece has none."""
    for raw in pieces:
        piece = _read(raw, RichPiece) or RichPiece()
        yield piece.text or (f"@{piece.at_name} " if piece.at_name else "")


def _voice(body: Body) -> Content:
    said = _read(body.content, VoiceBody) or VoiceBody()
    return Content(kind=ContentKind.VOICE, text=said.recognition.strip() or None)


def _unreadable(kind: ContentKind) -> Callable[[Body], Content]:
    return lambda _body: Content(kind=kind, text=None)


READERS: dict[str, Callable[[Body], Content]] = {
    "text": _text,
    "richText": _rich_text,
    "audio": _voice,
    "picture": _unreadable(ContentKind.PICTURE),
    "video": _unreadable(ContentKind.VIDEO),
    "file": _unreadable(ContentKind.FILE),
}
"""A kind of message that can be read, or is known to be unreadable, is one line here."""


def _quoted(*messages: msgspec.Raw) -> str:
    """The words of the first of these messages that has any."""
    for raw in messages:
        message = _read(raw, Quoted) or Quoted()
        for said in (message.content, message.text):
            if words := _quoted_words(said).strip():
                return words
    return ""


def _quoted_words(said: msgspec.Raw) -> str:
    if (rich := _read(said, RichBody)) and rich.pieces:
        return "".join(_rich_words(rich.pieces))
    if words := _read(said, QuotedWords):
        return words.first
    return _read_string(said) or ""


def _read(raw: msgspec.Raw, shape: type[Shape]) -> Shape | None:
    """The object in that shape, or None if it has another.

    An object that comes as a string of JSON is read as well. Raises msgspec.DecodeError for what is no JSON.
    """
    if raw is NULL:
        # Most messages lack most fields, and an exception costs more than all the rest.
        return None
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError:
        text = _read_string(raw)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _read_string(raw: msgspec.Raw) -> str | None:
    if raw is NULL:
        return None
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.ValidationError:
        return None
