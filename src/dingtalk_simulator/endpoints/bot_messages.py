"""Messages that robots send: read from webhook bodies, and posted to chats with their mentions."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

import msgspec

from dingtalk_simulator.endpoints.protocol import ApiError, ApiRequest, ApiResponse, errcode
from dingtalk_simulator.entities import Chat, ChatKind, Person, Robot
from dingtalk_simulator.records import Author, Message
from dingtalk_simulator.state import State, new_id
from dingtalk_simulator.wire import UNREADABLE, decode

MAX_BODY_SIZE = 20_000
MAX_MENTIONS = 50

Words = Annotated[str, msgspec.Meta(min_length=1)]

MENTIONING_KINDS = frozenset({"text", "markdown", "actionCard"})
"""Kinds of messages that support mentions."""


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
    """Mentions. An empty id is accepted and ignored: SDKs send it for people without a staff id."""

    at_user_ids: Annotated[list[str], msgspec.Meta(max_length=MAX_MENTIONS)] = []
    at_mobiles: Annotated[list[str | int], msgspec.Meta(max_length=MAX_MENTIONS)] = []
    at_dingtalk_ids: Annotated[list[str], msgspec.Meta(max_length=MAX_MENTIONS)] = []
    is_at_all: bool | Literal["true", "false"] = False

    @property
    def all(self) -> bool:
        return self.is_at_all in {True, "true"}


class Envelope(msgspec.Struct, frozen=True):
    msgtype: str
    at: Mentioned | None = None
    msg_uuid: str = msgspec.field(name="msgUuid", default="")


class BotMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a robot sends by any endpoint."""

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


def message_of(request: ApiRequest) -> BotMessage:
    """The message in a webhook request. Raises ApiError with the errcode that DingTalk documents."""
    if not request.is_json:
        raise ApiError(errcode(43004, "invalid Content-Type: application/json is needed"))
    if len(request.body) > MAX_BODY_SIZE:
        raise ApiError(
            errcode(460101, f"body size is not allowed, keep within {MAX_BODY_SIZE} bytes")
        )
    if not request.body.strip():
        raise ApiError(errcode(40035, "missing parameter json"))
    return parse_message(request.body)


def parse_message(body: bytes) -> BotMessage:
    """Parse the JSON of a message. Raises ApiError."""
    try:
        fields = decode(body, dict[str, object])
    except UNREADABLE as error:
        raise ApiError(errcode(43009, "the body has to be json")) from error
    try:
        return _message_in(fields)
    except msgspec.ValidationError as error:
        raise ApiError(errcode(40035, f"bad parameter: {error}")) from error


def _message_in(fields: dict[str, object]) -> BotMessage:
    envelope = msgspec.convert(fields, Envelope)
    if envelope.msgtype == "empty":
        return BotMessage(msgtype="empty")
    kind = KINDS.get(envelope.msgtype)
    if kind is None:
        raise ApiError(errcode(400105, "unsupported msgtype"))
    content = msgspec.convert(fields.get(envelope.msgtype), kind)
    shown = SHOWN.get(kind)
    return BotMessage(
        msgtype=envelope.msgtype,
        title=getattr(content, "title", ""),
        text=shown(content) if shown else str(getattr(content, "text", "")),
        content=fields[envelope.msgtype],
        at=envelope.at or Mentioned(),
        msg_uuid=envelope.msg_uuid,
    )


class MessageSource(msgspec.Struct, frozen=True, kw_only=True):
    """The endpoint that posted a message, and the message that it answers."""

    via: str
    session: str | None = None
    answers: str | None = None
    query_key: str | None = None


def post_to_chat(
    state: State, chat: Chat, bot_message: BotMessage, source: MessageSource
) -> Message:
    """Post a message of the chat's robot to the chat."""
    text, mentions = _with_mentions(state, chat, bot_message)
    robot = state.robots.get(chat.robot)
    return state.post(
        Message(
            id=new_id("msg"),
            room=chat.id,
            by="robot",
            author=Author(id=chat.robot, name=robot.name if robot else chat.robot),
            msgtype=bot_message.msgtype,
            title=bot_message.title,
            text=text,
            content=bot_message.content,
            mentions=mentions,
            via=source.via,
            session=source.session,
            answers=source.answers,
            query_key=source.query_key,
        )
    )


def delivery_error(
    state: State, robot: Robot, chat: Chat, bot_message: BotMessage
) -> ApiResponse | None:
    """The error response if the chat does not accept the message."""
    if chat.is_disbanded:
        return errcode(400013, "the group is disbanded")
    if robot.is_disabled:
        return errcode(400102, "the robot is disabled")
    if not chat.has_robot:
        return errcode(400106, "the robot is not in the group")
    if not has_required_keyword(robot, bot_message):
        return errcode(310000, "keywords not in content")
    allowance = state.switches.monthly_messages
    if allowance and state.billing.bill().webhook_and_stream >= allowance:
        return errcode(90030, "the webhook allowance of this month is used up")
    return None


def has_required_keyword(robot: Robot, bot_message: BotMessage) -> bool:
    """Whether the message contains a keyword of the robot's security settings, if there are any."""
    said_words = f"{bot_message.title}\n{bot_message.text}"
    return not robot.keywords or any(keyword in said_words for keyword in robot.keywords)


def _with_mentions(state: State, chat: Chat, bot_message: BotMessage) -> tuple[str, list[str]]:
    """The text with names in place of ids, and the ids of the people mentioned.

    A mention needs `@id` in the text, except in `text` messages, where it is appended.
    """
    if chat.kind is not ChatKind.GROUP or bot_message.msgtype not in MENTIONING_KINDS:
        return bot_message.text, []
    text, mentioned = bot_message.text, []
    for person, name in _called(state, chat, bot_message):
        if name in text:
            text = text.replace(name, f"@{person.name}")
        elif bot_message.msgtype == "text":
            text += f" @{person.name}"
        else:
            continue
        mentioned.append(person.id)
    if bot_message.at.all:
        mentioned.append("@all")
    return text, mentioned


def _called(state: State, chat: Chat, bot_message: BotMessage) -> list[tuple[Person, str]]:
    """The mentioned members, each with the placeholder for them in the text."""
    members = [one for name in chat.members if (one := state.people.get(name))]
    by_staff_id = {one.staff_id: one for one in members if one.staff_id}
    called = [
        (by_staff_id[name], f"@{name}")
        for name in bot_message.at.at_user_ids
        if name in by_staff_id
    ]
    if state.switches.mentions_by_dingtalk_id:
        by_sender_id = {one.sender_id: one for one in members}
        called += [
            (by_sender_id[name], f"@{name}")
            for name in bot_message.at.at_dingtalk_ids
            if name in by_sender_id
        ]
    return called
