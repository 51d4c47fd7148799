"""Messages that robots send: read from webhook bodies, and posted to chats with their mentions."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

import msgspec

from dingtalk_simulator.endpoints.protocol import Answer, Asked, Refused, errcode
from dingtalk_simulator.entities import Person, Robot, Room, RoomKind
from dingtalk_simulator.records import Author, Message
from dingtalk_simulator.state import World, fresh_id
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


PLACED = frozenset({"text", "markdown", "actionCard"})
"""Kinds of messages that can mention somebody."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a robot's message came: by which endpoint, and in answer to what."""

    via: str
    session: str | None = None
    answers: str | None = None
    query_key: str | None = None


def say_in_room(world: World, room: Room, words: Spoken, way: Way) -> Message:
    """What the room's robot says, as it now stands in the room."""
    text, mentions = _with_mentions(world, room, words)
    robot = world.robots.get(room.robot)
    return world.post(
        Message(
            id=fresh_id("msg"),
            room=room.id,
            by="robot",
            author=Author(id=room.robot, name=robot.name if robot else room.robot),
            msgtype=words.msgtype,
            title=words.title,
            text=text,
            content=words.content,
            mentions=mentions,
            via=way.via,
            session=way.session,
            answers=way.answers,
            query_key=way.query_key,
        )
    )


def obstacle(world: World, robot: Robot, room: Room, words: Spoken) -> Answer | None:
    """Why DingTalk does not take a webhook's message for this room, if it does not."""
    if room.is_disbanded:
        return errcode(400013, "the group is disbanded")
    if robot.is_disabled:
        return errcode(400102, "the robot is disabled")
    if not room.has_robot:
        return errcode(400106, "the robot is not in the group")
    if not is_allowed_words(robot, words):
        return errcode(310000, "keywords not in content")
    allowance = world.switches.monthly_messages
    if allowance and world.billing.bill().webhook_and_stream >= allowance:
        return errcode(90030, "the webhook allowance of this month is used up")
    return None


def is_allowed_words(robot: Robot, words: Spoken) -> bool:
    """Whether a keyword of the robot's security settings is in it, if there are any."""
    said_words = f"{words.title}\n{words.text}"
    return not robot.keywords or any(keyword in said_words for keyword in robot.keywords)


def _with_mentions(world: World, room: Room, words: Spoken) -> tuple[str, list[str]]:
    """The text with names in the place of ids, and who is really mentioned.

    A mention needs its `@id` in the text; only `text` shows one without it, at its end.
    """
    if room.kind is not RoomKind.GROUP or words.msgtype not in PLACED:
        return words.text, []
    text, mentioned = words.text, []
    for person, name in _called(world, room, words):
        if name in text:
            text = text.replace(name, f"@{person.name}")
        elif words.msgtype == "text":
            text += f" @{person.name}"
        else:
            continue
        mentioned.append(person.id)
    if words.at.all:
        mentioned.append("@all")
    return text, mentioned


def _called(world: World, room: Room, words: Spoken) -> list[tuple[Person, str]]:
    """The members that are called, each with what stands for them in the text."""
    members = [one for name in room.members if (one := world.people.get(name))]
    by_staff_id = {one.staff_id: one for one in members if one.staff_id}
    called = [
        (by_staff_id[name], f"@{name}") for name in words.at.at_user_ids if name in by_staff_id
    ]
    if world.switches.mentions_by_dingtalk_id:
        by_sender_id = {one.sender_id: one for one in members}
        called += [
            (by_sender_id[name], f"@{name}")
            for name in words.at.at_dingtalk_ids
            if name in by_sender_id
        ]
    return called
