"""The body of a callback, field by field. Source: DingTalk, "receive-message" and "robot-message-type"."""

import msgspec

from dingtalk_simulator.callbacks.contents import Content, Scene, quotation_of
from dingtalk_simulator.entities import RobotKind
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import World
from dingtalk_simulator.stores import Session

QUOTA_USED_UP = 20001
SECOND = 1000


def open_session(world: World, message: Message) -> Session:
    """The session by which the robot may answer this message."""
    life = round(world.switches.session_life * SECOND)
    return world.sessions.open(message.room, message=message.id, life_ms=life)


def callback_body(scene: Scene, message: Message, content: Content) -> dict[str, object]:
    """What is posted for this message. Fields of `more` lie over it; those that are null are left out."""
    body = _common(scene, message) | _sender(scene) | _room(scene) | _content(scene, content)
    body |= quotation_of(scene) | scene.say.more
    return {name: value for name, value in body.items() if value is not None}


def quota_body(world: World, body: dict[str, object]) -> dict[str, object]:
    """The same callback when the month's allowance is used up: without a word of what was said."""
    number: object = QUOTA_USED_UP
    told = {
        "errorCode": str(number) if world.switches.quota_code_as_string else number,
        "errorMessage": "the monthly allowance of Webhook & Stream is used up",
    }
    return {name: value for name, value in body.items() if name not in {"text", "content"}} | told


def renewed_body(
    world: World, body: dict[str, object], message: Message, session: Session
) -> dict[str, object]:
    """The same words as a new message of now."""
    return body | {
        "msgId": message.id,
        "createAt": _created(world, message),
        "sessionWebhook": world.webhook_of(session),
        "sessionWebhookExpiredTime": session.expires_at,
    }


def _created(world: World, message: Message) -> object:
    return str(message.at) if world.switches.created_at_as_string else message.at


def _common(scene: Scene, message: Message) -> Content:
    session = open_session(scene.world, message)
    message.session = session.id
    return {
        "senderPlatform": "Mac",
        "conversationId": scene.room.id,
        "conversationType": "2" if scene.is_group else "1",
        "chatbotCorpId": scene.world.corp_id,
        "chatbotUserId": scene.robot.user_id,
        "robotCode": scene.robot.robot_code,
        "msgId": message.id,
        "createAt": _created(scene.world, message),
        "sessionWebhook": scene.world.webhook_of(session),
        "sessionWebhookExpiredTime": session.expires_at,
        "msgtype": scene.say.msgtype,
    }


def _sender(scene: Scene) -> Content:
    """Staff ids are told only of the organisation's own people, by a published app."""
    person = scene.person
    sender: Content = {"senderId": person.sender_id, "senderNick": person.name}
    if person.is_external or not _knows_staff(scene):
        return sender
    return sender | {
        "senderStaffId": person.staff_id,
        "senderCorpId": scene.world.corp_id,
        "isAdmin": person.is_admin,
    }


def _knows_staff(scene: Scene) -> bool:
    is_app = scene.robot.kind is RobotKind.ENTERPRISE
    return is_app and scene.world.switches.is_published


def _room(scene: Scene) -> Content:
    if not scene.is_group:
        return {}
    return {
        "conversationTitle": scene.room.title,
        "isInAtList": scene.say.mentions_robot,
        "atUsers": _mentioned(scene),
    }


def _mentioned(scene: Scene) -> list[Content]:
    robot: list[Content] = [{"dingtalkId": scene.robot.user_id}] if scene.say.mentions_robot else []
    people = [scene.world.people.get(name) for name in scene.say.mentions]
    return robot + [
        {"dingtalkId": one.sender_id} | _staff_id(scene, one.staff_id)
        for one in people
        if one is not None
    ]


def _staff_id(scene: Scene, staff_id: str) -> Content:
    return {"staffId": staff_id} if scene.robot.kind is RobotKind.ENTERPRISE else {}


def _content(scene: Scene, content: Content) -> Content:
    if scene.say.msgtype == "text":
        return {"text": content}
    if scene.world.switches.content_as_string:
        return {"content": msgspec.json.encode(content).decode()}
    return {"content": content}
