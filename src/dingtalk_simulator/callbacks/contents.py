"""The `text` or `content` of a callback, kind by kind.

Source: DingTalk, "receive-message"; quotations as they were seen in the field.
"""

from collections.abc import Callable, Mapping

import msgspec

from dingtalk_simulator.callbacks.say import Piece, Say
from dingtalk_simulator.entities import Person, Robot, Room, RoomKind
from dingtalk_simulator.media import Medium, sample_for
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import World

SECOND = 1000

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
