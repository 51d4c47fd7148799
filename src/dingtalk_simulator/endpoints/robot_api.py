"""OpenAPI of robots: proactive messages, media files and reactions."""

from typing import Annotated

import msgspec

from dingtalk_simulator.endpoints.bot_messages import BotMessage, MessageSource, post_to_chat
from dingtalk_simulator.endpoints.protocol import (
    ApiError,
    ApiRequest,
    ApiResponse,
    api_error,
    errcode,
    read_body,
    success,
)
from dingtalk_simulator.endpoints.tokens import app_of, app_of_query
from dingtalk_simulator.entities import Chat, ChatKind, Robot
from dingtalk_simulator.media import Medium
from dingtalk_simulator.state import State, new_id
from dingtalk_simulator.stores import SECOND
from dingtalk_simulator.wire import UNREADABLE, decode

MAX_PARAMETERS_SIZE = 15_000
MAX_RECEIVERS = 20

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
"""The required string parameters of each kind of message. Source: "robot-message-type"."""

SHOWN_AS = {"sampleText": "text", "sampleMarkdown": "markdown", "sampleLink": "link"}

MEGABYTE = 1024 * 1024
MAX_REACTIONS = 50


class RobotMessage(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    robot_code: str
    msg_key: str
    msg_param: str


class PrivateMessage(RobotMessage, frozen=True, rename="camel", kw_only=True):
    user_ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_RECEIVERS)]


class GroupMessage(RobotMessage, frozen=True, rename="camel", kw_only=True):
    open_conversation_id: str = ""


def batch_send(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/robot/oToMessages/batchSend`."""
    robot = app_of(state, request)
    params = read_body(request, PrivateMessage, otherwise=api_error("invalidParameter.body"))
    bot_message = _bot_message(robot, params)
    slowed = [name for name in params.user_ids if name in state.switches.flow_controlled_staff_ids]
    known = {name: state.person_of_staff_id(name) for name in params.user_ids}
    query_key, last = new_id("pqk"), None
    for name, person in known.items():
        if person is not None and name not in slowed:
            chat = state.private_chat(person, robot)
            last = post_to_chat(
                state, chat, bot_message, MessageSource(via="batchSend", query_key=query_key)
            )
    answer = success(
        {
            "processQueryKey": query_key,
            "invalidStaffIdList": [name for name, person in known.items() if person is None],
            "flowControlledStaffIdList": slowed,
            "filteredStaffIdList": [],
        }
    )
    message, room_id = (last.id, last.room) if last else (None, None)
    return msgspec.structs.replace(answer, robot=robot.id, message=message, room=room_id)


def group_send(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/robot/groupMessages/send`."""
    robot = app_of(state, request)
    params = read_body(request, GroupMessage, otherwise=api_error("invalidParameter.body"))
    bot_message = _bot_message(robot, params)
    chat = group_chat(state, robot, params.open_conversation_id)
    query_key = new_id("pqk")
    message = post_to_chat(
        state, chat, bot_message, MessageSource(via="groupSend", query_key=query_key)
    )
    answer = success({"processQueryKey": query_key})
    return msgspec.structs.replace(answer, robot=robot.id, message=message.id, room=chat.id)


def group_chat(state: State, robot: Robot, conversation: str) -> Chat:
    """The robot's group with that `openConversationId`. Raises ApiError."""
    if not conversation:
        raise ApiError(api_error("miss.openConversationId"))
    chat = state.chats.get(conversation)
    is_group = chat is not None and chat.kind is ChatKind.GROUP
    if chat is None or not is_group or chat.robot != robot.id or not chat.has_robot:
        raise ApiError(api_error("invalid.openConversationId"))
    if chat.is_disbanded:
        raise ApiError(api_error("group.disbanded"))
    return chat


def _bot_message(robot: Robot, params: RobotMessage) -> BotMessage:
    """The message of a request. Raises ApiError."""
    if params.robot_code != robot.robot_code:
        raise ApiError(api_error("invalidParameter.robotCode.auth"))
    if robot.is_disabled:
        raise ApiError(api_error("bot.stopped"))
    needed = PARAMETERS.get(params.msg_key)
    if needed is None:
        raise ApiError(api_error("invalidParameter.msgKey"))
    if len(params.msg_param.encode("utf-8", "replace")) > MAX_PARAMETERS_SIZE:
        raise ApiError(
            api_error("invalidParameter.msgParam", "msgParam is larger than 15000 bytes")
        )
    try:
        given = decode(params.msg_param, dict[str, str])
    except UNREADABLE as error:
        refusal = api_error("invalidParameter.msgParam", "no JSON object of strings")
        raise ApiError(refusal) from error
    if missing := [name for name in needed if not given.get(name)]:
        raise ApiError(api_error("invalidParameter.msgParam", f"missing: {', '.join(missing)}"))
    return BotMessage(
        msgtype=SHOWN_AS.get(params.msg_key, params.msg_key),
        title=given.get("title", ""),
        text=given.get("text") or given.get("content") or given.get(needed[0], ""),
        content=given,
    )


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
"""The documented extensions, and two that AstrBot uses: voice as OGG, and videos as files."""


class DownloadRequest(msgspec.Struct, frozen=True, rename="camel"):
    download_code: str
    robot_code: str


def upload(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /media/upload?access_token=`: the multipart fields `media` and `type`."""
    robot = app_of_query(state, request)
    kind = request.form.get("type") or request.query.get("type", "")
    medium = request.upload
    if medium is None or not kind:
        return errcode(40035, "missing parameter media or type")
    limits = UPLOADS.get(kind)
    ending = medium.file_name.rpartition(".")[2].lower()
    if limits is None or ending not in limits.endings:
        return errcode(40004, "invalid media type")
    if not 0 < len(medium.content) <= limits.most_bytes:
        return errcode(40004, "invalid media size")
    kept = state.media.keep(
        medium.content, file_name=medium.file_name, content_type=medium.content_type
    )
    taken = errcode(0, type=kind, media_id=kept.media_id, created_at=state.now())
    return msgspec.structs.replace(taken, robot=robot.id)


def download(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/robot/messageFiles/download`: a URL for a download code of a callback."""
    robot = app_of(state, request)
    params = read_body(request, DownloadRequest, otherwise=api_error("invalidParameter.body"))
    if params.robot_code != robot.robot_code:
        return api_error("invalidParameter.robotCode.auth")
    grant = state.media.granted(params.download_code)
    if grant is None:
        return api_error("invalidParameter.robotCode.downloadCode")
    if grant.robot != robot.id:
        return api_error("invalidParameter.robotCode.auth")
    if grant.is_preview:
        # The real API answers so to a pictureDownloadCode.
        return api_error("unknownError", status=500)
    life = round(state.switches.download_url_life * SECOND)
    name, ends = state.media.address(grant, life_ms=life)
    address = f"{state.origin}/files/{name}?Expires={ends // SECOND}&Signature=simulated"
    return msgspec.structs.replace(success({"downloadUrl": address}), robot=robot.id)


def file_at(state: State, request: ApiRequest) -> ApiResponse:
    """`GET /files/{id}`: the content, like DingTalk's object store."""
    medium = state.media.at_address(request.path.rpartition("/")[2])
    if medium is None:
        return ApiResponse(
            status=403, body=b"<Error>AccessDenied</Error>", media_type="application/xml"
        )
    return bytes_of(medium)


def bytes_of(medium: Medium) -> ApiResponse:
    return ApiResponse(body=medium.content, media_type="application/octet-stream")


class Reaction(msgspec.Struct, frozen=True, rename="camel"):
    robot_code: str
    open_msg_id: str
    open_conversation_id: str
    emotion_name: str = ""
    emotion_type: int = 0


def react(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/robot/emotion/reply`."""
    return _changed(state, request, is_recalled=False)


def recall(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /v1.0/robot/emotion/recall`."""
    return _changed(state, request, is_recalled=True)


def _changed(state: State, request: ApiRequest, *, is_recalled: bool) -> ApiResponse:
    robot = app_of(state, request)
    reaction = read_body(request, Reaction, otherwise=api_error("invalidParameter.body"))
    if reaction.robot_code != robot.robot_code:
        return api_error("invalidParameter.robotCode.auth")
    message = state.messages.get(reaction.open_msg_id)
    if message is None or message.room != reaction.open_conversation_id:
        return api_error("invalidParameter.openMsgId")
    name = reaction.emotion_name
    others = [one for one in message.reactions if one != name]
    message.reactions = others if is_recalled else [*others, name][-MAX_REACTIONS:]
    state.emit_delivery(message)
    answer = success({"success": True})
    return msgspec.structs.replace(answer, robot=robot.id, message=message.id, room=message.room)
