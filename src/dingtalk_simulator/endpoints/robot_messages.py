"""Messages that a robot begins itself: `oToMessages/batchSend` and `groupMessages/send`.

Source: DingTalk, "chatbots-send-one-on-one-chat-messages-in-batches", "the-robot-sends-a-group-message".
"""

from typing import Annotated

import msgspec

from dingtalk_simulator.endpoints.credentials import app_of
from dingtalk_simulator.endpoints.exchange import Answer, Asked, Refused, code, read, said
from dingtalk_simulator.endpoints.rooms import Way, say_in_room
from dingtalk_simulator.endpoints.webhook_messages import Spoken
from dingtalk_simulator.entities import Robot, Room, RoomKind
from dingtalk_simulator.state import World, fresh_id
from dingtalk_simulator.wire import UNREADABLE, decode

LARGEST_PARAMETERS = 15_000
MOST_RECEIVERS = 20

_BUTTONS = {
    f"sampleActionCard{count}": (
        *("title", "text"),
        *(f"action{part}{one}" for one in range(1, count + 1) for part in ("Title", "URL")),
    )
    for count in range(2, 6)
}

PARAMETERS: dict[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("title", "text", "picUrl", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    **_BUTTONS,
    "sampleActionCard6": (
        *("title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"),
    ),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("duration", "videoMediaId", "videoType", "picMediaId"),
}
"""What each kind of message needs; all of it strings. Source: "robot-message-type"."""

SHOWN_AS = {"sampleText": "text", "sampleMarkdown": "markdown", "sampleLink": "link"}


class RobotMessage(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    robot_code: str
    msg_key: str
    msg_param: str


class PrivateMessage(RobotMessage, frozen=True, rename="camel", kw_only=True):
    user_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MOST_RECEIVERS)]


class GroupMessage(RobotMessage, frozen=True, rename="camel", kw_only=True):
    open_conversation_id: str = ""


def batch_send(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/oToMessages/batchSend`."""
    robot = app_of(world, asked)
    request = read(asked, PrivateMessage, otherwise=code("invalidParameter.body"))
    words = _words(robot, request)
    slowed = [name for name in request.user_ids if name in world.switches.flow_controlled_staff_ids]
    known = {name: world.person_of_staff_id(name) for name in request.user_ids}
    query_key, last = fresh_id("pqk"), None
    for name, person in known.items():
        if person is not None and name not in slowed:
            room = world.private_room(person, robot)
            last = say_in_room(world, room, words, Way(via="batchSend", query_key=query_key))
    answer = said(
        {
            "processQueryKey": query_key,
            "invalidStaffIdList": [name for name, person in known.items() if person is None],
            "flowControlledStaffIdList": slowed,
            "filteredStaffIdList": [],
        }
    )
    message, room_id = (last.id, last.room) if last else (None, None)
    return msgspec.structs.replace(answer, robot=robot.id, message=message, room=room_id)


def group_send(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/groupMessages/send`."""
    robot = app_of(world, asked)
    request = read(asked, GroupMessage, otherwise=code("invalidParameter.body"))
    words = _words(robot, request)
    room = group_of(world, robot, request.open_conversation_id)
    query_key = fresh_id("pqk")
    message = say_in_room(world, room, words, Way(via="groupSend", query_key=query_key))
    answer = said({"processQueryKey": query_key})
    return msgspec.structs.replace(answer, robot=robot.id, message=message.id, room=room.id)


def group_of(world: World, robot: Robot, conversation: str) -> Room:
    """The robot's group of that `openConversationId`. Raises Refused."""
    if not conversation:
        raise Refused(code("miss.openConversationId"))
    room = world.rooms.get(conversation)
    if room is None or room.kind is not RoomKind.GROUP or not _is_in(robot, room):
        raise Refused(code("invalid.openConversationId"))
    if room.is_disbanded:
        raise Refused(code("group.disbanded"))
    return room


def _is_in(robot: Robot, room: Room) -> bool:
    return room.robot == robot.id and room.has_robot


def _words(robot: Robot, request: RobotMessage) -> Spoken:
    """What the message says. Raises Refused."""
    if request.robot_code != robot.robot_code:
        raise Refused(code("invalidParameter.robotCode.auth"))
    if robot.is_disabled:
        raise Refused(code("bot.stopped"))
    needed = PARAMETERS.get(request.msg_key)
    if needed is None:
        raise Refused(code("invalidParameter.msgKey"))
    if len(request.msg_param.encode("utf-8", "replace")) > LARGEST_PARAMETERS:
        raise Refused(code("invalidParameter.msgParam", "msgParam is larger than 15000 bytes"))
    given = _parameters(request.msg_param)
    if missing := [name for name in needed if not given.get(name)]:
        raise Refused(code("invalidParameter.msgParam", f"missing: {', '.join(missing)}"))
    return Spoken(
        msgtype=SHOWN_AS.get(request.msg_key, request.msg_key),
        title=given.get("title", ""),
        text=given.get("text") or given.get("content") or given.get(needed[0], ""),
        content=given,
    )


def _parameters(text: str) -> dict[str, str]:
    try:
        return decode(text, dict[str, str])
    except UNREADABLE as error:
        raise Refused(code("invalidParameter.msgParam", "no JSON object of strings")) from error
