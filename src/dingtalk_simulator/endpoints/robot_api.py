"""OpenAPI of robots: messages that they start, files, and reactions."""

from typing import Annotated

import msgspec

from dingtalk_simulator.endpoints.bot_messages import Spoken, Way, say_in_room
from dingtalk_simulator.endpoints.protocol import Answer, Asked, Refused, code, errcode, read, said
from dingtalk_simulator.endpoints.tokens import app_of, app_of_query
from dingtalk_simulator.entities import Robot, Room, RoomKind
from dingtalk_simulator.media import Medium
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import World, fresh_id
from dingtalk_simulator.stores import SECOND
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


MEGABYTE = 1024 * 1024


class Limits(msgspec.Struct, frozen=True):
    most_bytes: int
    endings: frozenset[str]


UPLOADS = {
    "image": Limits(20 * MEGABYTE, frozenset({"jpg", "jpeg", "gif", "png", "bmp"})),
    "voice": Limits(2 * MEGABYTE, frozenset({"amr", "mp3", "wav", "ogg"})),
    "video": Limits(20 * MEGABYTE, frozenset({"mp4"})),
    "file": Limits(
        20 * MEGABYTE,
        frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar", "mp4"}),
    ),
}
"""The documented endings, and two of the field: AstrBot uploads voice as OGG, and videos as files."""


class DownloadRequest(msgspec.Struct, frozen=True, rename="camel"):
    download_code: str
    robot_code: str


def upload(world: World, asked: Asked) -> Answer:
    """`POST /media/upload?access_token=`: the multipart fields `media` and `type`."""
    robot = app_of_query(world, asked)
    kind = asked.form.get("type") or asked.query.get("type", "")
    medium = asked.upload
    if medium is None or not kind:
        return errcode(40035, "missing parameter media or type")
    limits = UPLOADS.get(kind)
    ending = medium.file_name.rpartition(".")[2].lower()
    if limits is None or ending not in limits.endings:
        return errcode(40004, "invalid media type")
    if not 0 < len(medium.content) <= limits.most_bytes:
        return errcode(40004, "invalid media size")
    kept = world.media.keep(
        medium.content, file_name=medium.file_name, content_type=medium.content_type
    )
    taken = errcode(0, type=kind, media_id=kept.media_id, created_at=world.now())
    return msgspec.structs.replace(taken, robot=robot.id)


def download(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/messageFiles/download`: an address for a code that came in a callback."""
    robot = app_of(world, asked)
    request = read(asked, DownloadRequest, otherwise=code("invalidParameter.body"))
    if request.robot_code != robot.robot_code:
        return code("invalidParameter.robotCode.auth")
    grant = world.media.granted(request.download_code)
    if grant is None:
        return code("invalidParameter.robotCode.downloadCode")
    if grant.robot != robot.id:
        return code("invalidParameter.robotCode.auth")
    if grant.is_preview:
        # Seen in the field with a pictureDownloadCode.
        return code("unknownError", status=500)
    life = round(world.switches.download_url_life * SECOND)
    name, ends = world.media.address(grant, life_ms=life)
    address = f"{world.origin}/files/{name}?Expires={ends // SECOND}&Signature=simulated"
    return msgspec.structs.replace(said({"downloadUrl": address}), robot=robot.id)


def file_at(world: World, asked: Asked) -> Answer:
    """`GET /files/{id}`: the bytes, as from the object store behind DingTalk."""
    medium = world.media.at_address(asked.path.rpartition("/")[2])
    if medium is None:
        return Answer(status=403, body=b"<Error>AccessDenied</Error>", media_type="application/xml")
    return bytes_of(medium)


def bytes_of(medium: Medium) -> Answer:
    return Answer(body=medium.content, media_type="application/octet-stream")


MOST_REACTIONS = 50


class Reaction(msgspec.Struct, frozen=True, rename="camel"):
    robot_code: str
    open_msg_id: str
    open_conversation_id: str
    emotion_name: str = ""
    emotion_type: int = 0


def react(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/emotion/reply`."""
    return _changed(world, asked, is_recalled=False)


def recall(world: World, asked: Asked) -> Answer:
    """`POST /v1.0/robot/emotion/recall`."""
    return _changed(world, asked, is_recalled=True)


def _changed(world: World, asked: Asked, *, is_recalled: bool) -> Answer:
    robot = app_of(world, asked)
    reaction = read(asked, Reaction, otherwise=code("invalidParameter.body"))
    if reaction.robot_code != robot.robot_code:
        return code("invalidParameter.robotCode.auth")
    message = world.messages.get(reaction.open_msg_id)
    if message is None or message.room != reaction.open_conversation_id:
        return code("invalidParameter.openMsgId")
    _change(message, reaction.emotion_name, is_recalled=is_recalled)
    world.tell_delivery(message)
    answer = said({"success": True})
    return msgspec.structs.replace(answer, robot=robot.id, message=message.id, room=message.room)


def _change(message: Message, name: str, *, is_recalled: bool) -> None:
    others = [one for one in message.reactions if one != name]
    message.reactions = others if is_recalled else [*others, name][-MOST_REACTIONS:]
