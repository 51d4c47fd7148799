"""What a message says, whatever kind it is; a kind nobody knows yet says nothing and breaks nothing."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from domain.command import EXACT, trimmed
from domain.message import Content, ContentKind

Shape = TypeVar("Shape", bound=msgspec.Struct)


NULL = msgspec.Raw(b"null")

MOST_PIECES = 2000
"""Of a rich text that are read; each costs far more than its bytes, and no client sends so many."""


class Quoted(msgspec.Struct, frozen=True):
    """The message another one refers to. Undocumented; shapes seen in the field.

    It is read on its own, so that a shape nobody has seen yet costs the quotation and not the question.
    """

    content: msgspec.Raw = NULL
    text: msgspec.Raw = NULL
    kind: msgspec.Raw = msgspec.field(name="msgType", default=NULL)
    legacy_kind: msgspec.Raw = msgspec.field(name="msgtype", default=NULL)

    @property
    def is_picture(self) -> bool:
        return "picture" in {_read_string(self.kind), _read_string(self.legacy_kind)}


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
    kind: str | None = msgspec.field(name="type", default=None)
    download_code: str | None = msgspec.field(name="downloadCode", default=None)

    @property
    def words(self) -> str:
        return self.text or (f"@{self.at_name} " if self.at_name else "")

    @property
    def is_picture(self) -> bool:
        return self.kind == "picture" or (not self.words and bool(self.download_code))


class RichBody(msgspec.Struct, frozen=True):
    pieces: list[object] = msgspec.field(name="richText", default_factory=list)
    replied: msgspec.Raw = msgspec.field(name="repliedMsg", default=NULL)


class VoiceBody(msgspec.Struct, frozen=True):
    recognition: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a callback that says what was sent."""

    msgtype: str | None = None
    text: msgspec.Raw = NULL
    content: msgspec.Raw = NULL
    quote: msgspec.Raw = msgspec.field(name="quoteMessage", default=NULL)


def content_of(body: Body) -> Content:
    """What was said; the text is None where there is nothing to read.

    Raises msgspec.DecodeError or RecursionError where the JSON below is none.
    """
    read = READERS.get(body.msgtype or "")
    return read(body) if read else Content(kind=ContentKind.OTHER, text=None)


def _text(body: Body) -> Content:
    said = _read(body.text, TextBody)
    quoted = _quoted(said.replied if said else NULL, body.quote)
    # One page of the documentation prints the text at the top level.
    return Content(
        kind=ContentKind.TEXT,
        text=said.content if said else _read_string(body.content),
        quoted=quoted.words,
        has_unseen_picture=quoted.has_picture,
    )


def _rich_text(body: Body) -> Content:
    said = _read(body.content, RichBody)
    pieces = _pieces_of(said) if said else []
    words = _addressed([piece.words for piece in pieces]) if said else _read_string(body.content)
    quoted = _quoted(said.replied if said else NULL, body.quote)
    return Content(
        kind=ContentKind.RICH_TEXT,
        text=words if words and words.strip() else _alone(pieces),
        quoted=quoted.words,
        has_unseen_picture=quoted.has_picture or any(piece.is_picture for piece in pieces),
    )


def _pieces_of(said: RichBody) -> list[RichPiece]:
    """Those that can be read as one, in their order; a piece of another shape says nothing."""
    return [_piece_in(value) for value in said.pieces[:MOST_PIECES]]


def _piece_in(value: object) -> RichPiece:
    try:
        found = msgspec.json.decode(value) if isinstance(value, str) else value
        return msgspec.convert(found, RichPiece)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return RichPiece()


def _alone(pieces: Sequence[RichPiece]) -> str | None:
    """What rich text without words says: the robot's name alone asks for help, a picture says nothing."""
    has_picture = any(piece.is_picture for piece in pieces)
    return "" if not has_picture and any(piece.words.strip() for piece in pieces) else None


def _addressed(words: Sequence[str]) -> str:
    """The words without the robot's own name in front, where a command follows it.

    Some clients leave the mention of the robot in rich text as words. DingTalk never tells what a robot is
    called, so the name is known by what follows: it may be a piece of its own, and else ends at a blank.
    """
    whole = "".join(words)
    if not whole.lstrip().startswith("@"):
        return whole
    shown = [one for one in words if one.strip()]
    after_piece = "".join(shown[1:])
    after_blank = "".join(re.split(r"\s", whole.strip(), maxsplit=1)[1:])
    if not trimmed(after_piece) and not trimmed(after_blank):
        return ""
    return next((rest for rest in (after_piece, after_blank) if _is_command(rest)), whole)


def _is_command(words: str) -> bool:
    words = trimmed(words)
    return words.startswith("#") or (bool(words) and words in EXACT)


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


class Quotation(NamedTuple):
    """What a message refers to."""

    words: str = ""
    has_picture: bool = False


def _quoted(*messages: msgspec.Raw) -> Quotation:
    """The first of these messages that has any words; else whether one is a picture."""
    found = Quotation()
    for raw in messages:
        message = _read(raw, Quoted) or Quoted()
        for said in (message.content, message.text):
            quotation = _quotation(said)
            has_picture = found.has_picture or quotation.has_picture or message.is_picture
            found = Quotation(quotation.words.strip(), has_picture)
            if found.words:
                return found
    return found


def _quotation(said: msgspec.Raw) -> Quotation:
    if (rich := _read(said, RichBody)) and rich.pieces:
        pieces = _pieces_of(rich)
        words = "".join(piece.words for piece in pieces)
        return Quotation(words, any(piece.is_picture for piece in pieces))
    if typed := _read(said, QuotedWords):
        return Quotation(typed.first)
    return Quotation(_read_string(said) or "")


def is_absent(raw: msgspec.Raw) -> bool:
    """Whether a field is missing or null."""
    return raw is NULL or bytes(raw) == b"null"


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
