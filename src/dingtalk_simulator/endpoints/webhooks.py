"""`POST /robot/sendBySession` and `POST /robot/send`: replies by a session, and a custom robot's messages."""

import msgspec

from dingtalk_simulator.endpoints.bot_messages import Spoken, Way, obstacle, say_in_room, spoken_in
from dingtalk_simulator.endpoints.protocol import Answer, Asked, Refused, errcode
from dingtalk_simulator.entities import Robot, RobotKeys, RobotKind, Room
from dingtalk_simulator.signature import matches
from dingtalk_simulator.state import World
from dingtalk_simulator.stores import MINUTE, Session

SIGNATURE_LIFE = 60 * MINUTE
TOO_FAST = "send too fast, exceed 20 times per minute"


def send_by_session(world: World, asked: Asked) -> Answer:
    """`POST /robot/sendBySession?session=`."""
    words = spoken_in(asked)
    session = world.sessions.find(asked.query.get("session", ""))
    room = world.rooms.get(session.room) if session else None
    robot = world.robots.get(room.robot) if room else None
    if session is None or room is None or robot is None:
        return errcode(300001, "session 不存在")
    about = {"room": room.id, "robot": robot.id}
    if not _may_answer(world, robot, asked):
        return _about(errcode(310000, "sign not match"), about)
    if refusal := obstacle(world, robot, room, words):
        return _about(refusal, about)
    limit = world.switches.session_sends_a_minute
    if world.rate_limits.exceeds(f"session {room.id}", limit=limit, window_ms=MINUTE):
        return _about(errcode(130101, TOO_FAST), about)
    return _about(_said(world, session, room, words), about)


def _said(world: World, session: Session, room: Room, words: Spoken) -> Answer:
    if words.msgtype == "empty":
        return errcode(0)
    key = (session.id, words.msg_uuid) if world.switches.session_honours_msg_uuid else None
    if known := _sent_before(world, key):
        return msgspec.structs.replace(errcode(0), message=known)
    way = Way(via="sendBySession", session=session.id, answers=session.message)
    message = say_in_room(world, room, words, way)
    _remember(world, key, message.id)
    return msgspec.structs.replace(errcode(0), message=message.id)


def _may_answer(world: World, robot: Robot, asked: Asked) -> bool:
    is_signed = robot.kind is RobotKind.OUTGOING and world.switches.outgoing_sessions_need_sign
    keys = world.keys.get(robot.id) or RobotKeys()
    return not (is_signed and keys.secret) or _has_sign(world, keys, asked)


def robot_send(world: World, asked: Asked) -> Answer:
    """`POST /robot/send?access_token=`, signed where the robot has a secret."""
    words = spoken_in(asked)
    token = asked.query.get("access_token", "")
    if not token:
        return errcode(400101, "access_token is missing")
    robot = next((one for one in world.robots if _has_token(world, one, token)), None)
    room = next((one for one in world.rooms if robot and one.robot == robot.id), None)
    if robot is None or room is None:
        return errcode(300001, "token is not exist")
    about = {"room": room.id, "robot": robot.id}
    _check_sign(world, robot, asked)
    if refusal := obstacle(world, robot, room, words):
        return _about(refusal, about)
    key = (robot.id, words.msg_uuid)
    if known := _sent_before(world, key):
        return _about(msgspec.structs.replace(errcode(0), message=known), about)
    if _sends_too_fast(world, robot):
        return _about(errcode(130101, TOO_FAST), about)
    if words.msgtype == "empty":
        return _about(errcode(0), about)
    message = say_in_room(world, room, words, Way(via="robotSend"))
    _remember(world, key, message.id)
    return _about(msgspec.structs.replace(errcode(0), message=message.id), about)


def _sends_too_fast(world: World, robot: Robot) -> bool:
    """Twenty a minute; one more, and it has to rest for ten. Source: "custom-robots-send-group-messages"."""
    who = f"custom {robot.id}"
    if world.rate_limits.is_blocked(who):
        return True
    limit = world.switches.custom_sends_a_minute
    if world.rate_limits.exceeds(who, limit=limit, window_ms=MINUTE):
        world.rate_limits.block(who, seconds=world.switches.custom_rest)
        return True
    return False


def _has_token(world: World, robot: Robot, token: str) -> bool:
    keys = world.keys.get(robot.id)
    return robot.kind is RobotKind.OUTGOING and keys is not None and keys.token == token != ""


def _check_sign(world: World, robot: Robot, asked: Asked) -> None:
    keys = world.keys.get(robot.id) or RobotKeys()
    if keys.secret and not _has_sign(world, keys, asked):
        raise Refused(errcode(310000, "sign not match, or invalid timestamp"))


def _has_sign(world: World, keys: RobotKeys, asked: Asked) -> bool:
    timestamp = asked.query.get("timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 13):  # noqa: PLR2004 - milliseconds
        return False
    is_fresh = abs(world.now() - int(timestamp)) <= SIGNATURE_LIFE
    return is_fresh and matches(timestamp, asked.query.get("sign", ""), keys.secret)


def _sent_before(world: World, key: tuple[str, str] | None) -> str | None:
    return world.rate_limits.sent_uuids.get(key) if key and key[1] else None


def _remember(world: World, key: tuple[str, str] | None, message: str) -> None:
    if key and key[1]:
        world.rate_limits.sent_uuids.put(key, message)


def _about(answer: Answer, facts: dict[str, str]) -> Answer:
    return msgspec.structs.replace(answer, **facts)
