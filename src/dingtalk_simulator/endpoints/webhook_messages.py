"""Messages as webhooks take them: `text`, `markdown`, `link`, `actionCard`, `feedCard`, `empty`.

Source: DingTalk, "robot-message-type" and "custom-robots-send-group-messages".
"""

from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

import msgspec

from dingtalk_simulator.endpoints.exchange import Asked, Refused, errcode
from dingtalk_simulator.wire import UNREADABLE, decode

LARGEST_BODY = 20_000
MOST_MENTIONS = 50

Words = Annotated[str, msgspec.Meta(min_length=1)]


class Text(msgspec.Struct, frozen=True):
    content: Words


class Markdown(msgspec.Struct, frozen=True):
    title: Words
    text: Words


class Link(msgspec.Struct, frozen=True, rename="camel"):
    title: Words
    text: Words
    message_url: Words
    pic_url: str = ""


class Button(msgspec.Struct, frozen=True):
    title: Words
    url: Words = msgspec.field(name="actionURL")


class ActionCard(msgspec.Struct, frozen=True, rename="camel"):
    title: Words
    text: Words
    single_title: str = ""
    single_url: str = msgspec.field(name="singleURL", default="")
    btns: list[Button] = []

    def __post_init__(self) -> None:
        if not (self.single_title and self.single_url) and not self.btns:
            raise ValueError("neither singleTitle with singleURL nor btns")


class FeedLink(msgspec.Struct, frozen=True):
    title: Words
    message_url: Words = msgspec.field(name="messageURL")
    picture_url: Words = msgspec.field(name="picURL")


class FeedCard(msgspec.Struct, frozen=True):
    links: Annotated[list[FeedLink], msgspec.Meta(min_length=1)]


class Mentioned(msgspec.Struct, frozen=True, rename="camel"):
    """Who is mentioned. An empty id is taken and mentions nobody: SDKs send it for people without one."""

    at_user_ids: Annotated[list[str], msgspec.Meta(max_length=MOST_MENTIONS)] = []
    at_mobiles: Annotated[list[str | int], msgspec.Meta(max_length=MOST_MENTIONS)] = []
    at_dingtalk_ids: Annotated[list[str], msgspec.Meta(max_length=MOST_MENTIONS)] = []
    is_at_all: bool | Literal["true", "false"] = False

    @property
    def all(self) -> bool:
        return self.is_at_all in {True, "true"}


class Envelope(msgspec.Struct, frozen=True):
    msgtype: str
    at: Mentioned | None = None
    msg_uuid: str = msgspec.field(name="msgUuid", default="")


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What a robot says, whichever way it says it."""

    msgtype: str
    title: str = ""
    text: str = ""
    content: object = None
    at: Mentioned = Mentioned()
    msg_uuid: str = ""


Kind: TypeAlias = Text | Markdown | Link | ActionCard | FeedCard

KINDS: dict[str, type[Kind]] = {
    "text": Text,
    "markdown": Markdown,
    "link": Link,
    "actionCard": ActionCard,
    "feedCard": FeedCard,
}

SHOWN: dict[type[Kind], Callable[[Kind], str]] = {
    Text: lambda one: getattr(one, "content", ""),
    Link: lambda one: f"{getattr(one, 'text', '')}\n{getattr(one, 'message_url', '')}",
    FeedCard: lambda one: "\n".join(link.title for link in getattr(one, "links", [])),
}


def spoken_in(asked: Asked) -> Spoken:
    """The message of a webhook's request. Raises Refused with the errcode that DingTalk documents."""
    if not asked.is_json:
        raise Refused(errcode(43004, "invalid Content-Type: application/json is needed"))
    if len(asked.body) > LARGEST_BODY:
        raise Refused(
            errcode(460101, f"body size is not allowed, keep within {LARGEST_BODY} bytes")
        )
    if not asked.body.strip():
        raise Refused(errcode(40035, "missing parameter json"))
    return spoken(asked.body)


def spoken(body: bytes) -> Spoken:
    """The message of these bytes. Raises Refused."""
    try:
        fields = decode(body, dict[str, object])
    except UNREADABLE as error:
        raise Refused(errcode(43009, "the body has to be json")) from error
    try:
        return _spoken(fields)
    except msgspec.ValidationError as error:
        raise Refused(errcode(40035, f"bad parameter: {error}")) from error


def _spoken(fields: dict[str, object]) -> Spoken:
    envelope = msgspec.convert(fields, Envelope)
    if envelope.msgtype == "empty":
        return Spoken(msgtype="empty")
    kind = KINDS.get(envelope.msgtype)
    if kind is None:
        raise Refused(errcode(400105, "unsupported msgtype"))
    content = msgspec.convert(fields.get(envelope.msgtype), kind)
    return Spoken(
        msgtype=envelope.msgtype,
        title=getattr(content, "title", ""),
        text=_shown(content),
        content=fields[envelope.msgtype],
        at=envelope.at or Mentioned(),
        msg_uuid=envelope.msg_uuid,
    )


def _shown(content: Kind) -> str:
    show = SHOWN.get(type(content))
    return show(content) if show else str(getattr(content, "text", ""))
