"""What is sent, and the callback bodies that it becomes, kind by kind."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from dingtalk_simulator.entities import Person, Robot, RobotKind, Room, RoomKind
from dingtalk_simulator.media import Medium, sample_for
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import World
from dingtalk_simulator.stores import SECOND, Session

Kind: TypeAlias = Literal["text", "richText", "picture", "audio", "video", "file", "unknownMsgType"]
Words = Annotated[str, msgspec.Meta(max_length=100_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

ONLY_PRIVATE = frozenset({"audio", "video", "file"})
"""Kinds of messages that do not reach a robot in a group. Source: DingTalk, "receive-message"."""


MEDIA_KINDS = frozenset({"picture", "audio", "video", "file"})
"""Kinds of messages that consist of a medium."""


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a rich text: words, a picture, or somebody who is mentioned."""

    text: Words | None = None
    media: Name | None = None
    at: Name | None = None


class Say(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said by whom and where; `docs/simulator.md` tells what each kind of message uses."""

    person: Name
    room: Name | None = None
    robot: Name | None = None
    msgtype: Kind = "text"
    text: Words = ""
    pieces: Annotated[list[Piece], msgspec.Meta(max_length=100)] = []
    mentions_robot: bool = True
    mentions: Annotated[list[Name], msgspec.Meta(max_length=50)] = []
    quotes: Name | None = None
    media: Name | None = None
    duration: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] = 4000
    wait: bool = True
    more: dict[str, object] = {}


Content = dict[str, object]


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Who says what to which robot, where."""

    world: World
    say: Say
    person: Person
    robot: Robot
    room: Room

    @property
    def is_group(self) -> bool:
        return self.room.kind is RoomKind.GROUP

    def code_for(self, medium: Medium, *, is_preview: bool = False) -> str:
        life = round(self.world.switches.download_code_life * SECOND)
        media = self.world.media
        return media.code(medium, self.robot.id, life_ms=life, is_preview=is_preview)

    def medium(self, name: str | None) -> Medium:
        """The medium of that name, or a sample of the message's kind."""
        found = self.world.media.find(name) if name else None
        return found or sample_medium(self.world, self.say.msgtype)


def sample_medium(world: World, kind: str) -> Medium:
    """Something of that kind, for a message that names no medium."""
    sample = sample_for(kind, voice=world.switches.voice_format)
    return world.media.keep(
        sample.content,
        file_name=sample.file_name,
        content_type=sample.content_type,
        is_of_person=True,
    )


def content_of(scene: Scene) -> Content:
    """The message's content, with its quotation."""
    content = CONTENTS[scene.say.msgtype](scene)
    quoted = scene.world.messages.get(scene.say.quotes or "")
    if quoted is None or scene.world.switches.quotes_in_legacy_form:
        return content
    return content | {"isReplyMsg": True, "repliedMsg": _replied(scene, quoted)}


def quotation_of(scene: Scene) -> Content:
    """What stands at the top of the callback because something is quoted."""
    quoted = scene.world.messages.get(scene.say.quotes or "")
    if quoted is None:
        return {}
    if scene.world.switches.quotes_in_legacy_form:
        quote = {
            "msgId": quoted.id,
            "msgtype": "text",
            "text": {"content": quoted.text},
            "senderNick": quoted.author.name,
            "senderId": _sender_id(scene, quoted),
        }
        return {"quoteMessage": quote}
    key = {"originalProcessQueryKey": quoted.query_key} if quoted.query_key else {}
    return {"originalMsgId": quoted.id, **key}


def _replied(scene: Scene, quoted: Message) -> Content:
    is_plain = quoted.by == "person" or quoted.msgtype == "text"
    kind = quoted.msgtype if is_plain else "interactiveCard"
    return {
        "msgType": kind,
        "msgId": quoted.id,
        "senderId": _sender_id(scene, quoted),
        "createdAt": quoted.at,
        "content": _replied_content(quoted) if is_plain else {},
    }


def _replied_content(quoted: Message) -> object:
    if quoted.msgtype == "text":
        # Both names were seen in the field, and each robot reads the one that it has met.
        return {"text": quoted.text, "content": quoted.text}
    content = quoted.content if isinstance(quoted.content, Mapping) else {}
    return {name: value for name, value in content.items() if name != "repliedMsg"}


def _sender_id(scene: Scene, quoted: Message) -> str:
    person = scene.world.people.get(quoted.author.id)
    return person.sender_id if person else scene.robot.user_id


def _mentioning(scene: Scene, text: str) -> str:
    """The words with the others who are mentioned, as the client leaves them in the text."""
    people = [scene.world.people.get(name) for name in scene.say.mentions]
    names = [f"@{one.name}" for one in people if one is not None and f"@{one.name}" not in text]
    return " ".join([text, *names]).strip() if names else text


def _text(scene: Scene) -> Content:
    words = _mentioning(scene, scene.say.text)
    # DingTalk takes the mention of the robot away, and leaves the space behind it.
    return {"content": f" {words}" if scene.is_group else words}


def _rich_text(scene: Scene) -> Content:
    pieces = list(scene.say.pieces)
    if not pieces:
        words = [Piece(text=_mentioning(scene, scene.say.text))] if scene.say.text else []
        pieces = [*words, *([Piece(media=scene.say.media)] if scene.say.media else [])]
    return {"richText": [_piece(scene, piece) for piece in pieces]}


def _piece(scene: Scene, piece: Piece) -> Content:
    if piece.media is not None:
        return {"type": "picture", **_picture_of(scene, scene.medium(piece.media))}
    person = scene.world.people.get(piece.at or "")
    if person is not None:
        staff_id = {"atUserId": person.staff_id} if person.staff_id else {}
        return {"type": "at", "atName": person.name, **staff_id}
    return {"text": piece.text or ""}


def _picture_of(scene: Scene, medium: Medium) -> Content:
    return {
        "downloadCode": scene.code_for(medium),
        "pictureDownloadCode": scene.code_for(medium, is_preview=True),
    }


def _picture(scene: Scene) -> Content:
    return _picture_of(scene, scene.medium(scene.say.media))


def _audio(scene: Scene) -> Content:
    code = scene.code_for(scene.medium(scene.say.media))
    return {"duration": scene.say.duration, "downloadCode": code, "recognition": scene.say.text}


def _video(scene: Scene) -> Content:
    code = scene.code_for(scene.medium(scene.say.media))
    return {"duration": scene.say.duration, "downloadCode": code, "videoType": "mp4"}


def _file(scene: Scene) -> Content:
    medium = scene.medium(scene.say.media)
    code = scene.code_for(medium)
    return {
        "downloadCode": code,
        "fileName": medium.file_name,
        "spaceId": "1001",
        "fileId": medium.id[:12],
    }


def _unknown(scene: Scene) -> Content:
    return {"unknownMsgType": scene.say.text or "当前消息类型不支持"}


CONTENTS: dict[str, Callable[[Scene], Content]] = {
    "text": _text,
    "richText": _rich_text,
    "picture": _picture,
    "audio": _audio,
    "video": _video,
    "file": _file,
    "unknownMsgType": _unknown,
}


QUOTA_USED_UP = 20001


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
