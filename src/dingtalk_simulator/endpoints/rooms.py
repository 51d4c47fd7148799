"""What a robot says, put into a room: with the mentions that a client would show."""

import msgspec

from dingtalk_simulator.endpoints.exchange import Answer, errcode
from dingtalk_simulator.endpoints.webhook_messages import Spoken
from dingtalk_simulator.entities import Person, Robot, Room, RoomKind
from dingtalk_simulator.records import Author, Message
from dingtalk_simulator.state import World, fresh_id

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
