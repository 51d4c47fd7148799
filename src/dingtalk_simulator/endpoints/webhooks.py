"""Webhooks: `/robot/sendBySession` for replies, and `/robot/send` for custom robots."""

import msgspec

from dingtalk_simulator.endpoints.bot_messages import (
    BotMessage,
    MessageSource,
    delivery_error,
    message_of,
    post_to_chat,
)
from dingtalk_simulator.endpoints.protocol import ApiRequest, ApiResponse, errcode
from dingtalk_simulator.entities import Chat, Robot, RobotKeys, RobotKind
from dingtalk_simulator.signature import matches
from dingtalk_simulator.state import State
from dingtalk_simulator.stores import MINUTE, Session

SIGNATURE_LIFE = 60 * MINUTE
TOO_FAST = "send too fast, exceed 20 times per minute"


def send_by_session(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /robot/sendBySession?session=`."""
    bot_message = message_of(request)
    session = state.sessions.find(request.query.get("session", ""))
    chat = state.chats.get(session.room) if session else None
    robot = state.robots.get(chat.robot) if chat else None
    if session is None or chat is None or robot is None:
        return errcode(300001, "session 不存在")
    about = {"room": chat.id, "robot": robot.id}
    keys = state.keys.get(robot.id) or RobotKeys()
    is_signed = robot.kind is RobotKind.OUTGOING and state.switches.outgoing_sessions_need_sign
    if is_signed and keys.secret and not _has_valid_signature(state, keys, request):
        return _about(errcode(310000, "sign not match"), about)
    if refusal := delivery_error(state, robot, chat, bot_message):
        return _about(refusal, about)
    limit = state.switches.session_sends_a_minute
    if state.rate_limits.exceeds(f"session {chat.id}", limit=limit, window_ms=MINUTE):
        return _about(errcode(130101, TOO_FAST), about)
    return _about(_deliver(state, session, chat, bot_message), about)


def _deliver(state: State, session: Session, chat: Chat, bot_message: BotMessage) -> ApiResponse:
    if bot_message.msgtype == "empty":
        return errcode(0)
    key = (session.id, bot_message.msg_uuid) if state.switches.session_honours_msg_uuid else None
    if known := _sent_before(state, key):
        return msgspec.structs.replace(errcode(0), message=known)
    source = MessageSource(via="sendBySession", session=session.id, answers=session.message)
    message = post_to_chat(state, chat, bot_message, source)
    _remember_uuid(state, key, message.id)
    return msgspec.structs.replace(errcode(0), message=message.id)


def robot_send(state: State, request: ApiRequest) -> ApiResponse:
    """`POST /robot/send?access_token=`, signed if the robot has a secret."""
    bot_message = message_of(request)
    token = request.query.get("access_token", "")
    if not token:
        return errcode(400101, "access_token is missing")
    robot = next((one for one in state.robots if _has_token(state, one, token)), None)
    chat = next((one for one in state.chats if robot and one.robot == robot.id), None)
    if robot is None or chat is None:
        return errcode(300001, "token is not exist")
    about = {"room": chat.id, "robot": robot.id}
    keys = state.keys.get(robot.id) or RobotKeys()
    if keys.secret and not _has_valid_signature(state, keys, request):
        return errcode(310000, "sign not match, or invalid timestamp")
    if refusal := delivery_error(state, robot, chat, bot_message):
        return _about(refusal, about)
    key = (robot.id, bot_message.msg_uuid)
    if known := _sent_before(state, key):
        return _about(msgspec.structs.replace(errcode(0), message=known), about)
    if _exceeds_rate(state, robot):
        return _about(errcode(130101, TOO_FAST), about)
    if bot_message.msgtype == "empty":
        return _about(errcode(0), about)
    message = post_to_chat(state, chat, bot_message, MessageSource(via="robotSend"))
    _remember_uuid(state, key, message.id)
    return _about(msgspec.structs.replace(errcode(0), message=message.id), about)


def _exceeds_rate(state: State, robot: Robot) -> bool:
    """More than 20 messages a minute block a robot for ten. Source: "custom-robots-send-group-messages"."""
    who = f"custom {robot.id}"
    if state.rate_limits.is_blocked(who):
        return True
    limit = state.switches.custom_sends_a_minute
    if state.rate_limits.exceeds(who, limit=limit, window_ms=MINUTE):
        state.rate_limits.block(who, seconds=state.switches.custom_rest)
        return True
    return False


def _has_token(state: State, robot: Robot, token: str) -> bool:
    keys = state.keys.get(robot.id)
    return robot.kind is RobotKind.OUTGOING and keys is not None and keys.token == token != ""


def _has_valid_signature(state: State, keys: RobotKeys, request: ApiRequest) -> bool:
    timestamp = request.query.get("timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 13):  # noqa: PLR2004 - milliseconds
        return False
    is_fresh = abs(state.now() - int(timestamp)) <= SIGNATURE_LIFE
    return is_fresh and matches(timestamp, request.query.get("sign", ""), keys.secret)


def _sent_before(state: State, key: tuple[str, str] | None) -> str | None:
    return state.rate_limits.sent_uuids.get(key) if key and key[1] else None


def _remember_uuid(state: State, key: tuple[str, str] | None, message: str) -> None:
    if key and key[1]:
        state.rate_limits.sent_uuids.put(key, message)


def _about(answer: ApiResponse, facts: dict[str, str]) -> ApiResponse:
    return msgspec.structs.replace(answer, **facts)
