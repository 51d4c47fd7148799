"""Requests to send a message, and the callback bodies made of them for each kind of message."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from dingtalk_simulator.entities import Chat, ChatKind, Person, Robot, RobotKind
from dingtalk_simulator.media import Medium, sample_for
from dingtalk_simulator.records import Message
from dingtalk_simulator.state import State
from dingtalk_simulator.stores import SECOND, Session

Kind: TypeAlias = Literal["text", "richText", "picture", "audio", "video", "file", "unknownMsgType"]
Words = Annotated[str, msgspec.Meta(max_length=100_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

PRIVATE_KINDS = frozenset({"audio", "video", "file"})
"""Kinds of messages that do not reach a robot in a group. Source: DingTalk, "receive-message"."""


MEDIA_KINDS = frozenset({"picture", "audio", "video", "file"})
"""Kinds of messages that consist of one media file."""

Content = dict[str, object]
QUOTA_USED_UP = 20001


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a rich text: text, an image, or a mention."""

    text: Words | None = None
    media: Name | None = None
    at: Name | None = None


class SendRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to send a message as a person; `docs/simulator.md` lists the fields of each message kind."""

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


class SendContext(msgspec.Struct, frozen=True, kw_only=True):
    """A validated send request with its person, robot and chat."""

    state: State
    request: SendRequest
    person: Person
    robot: Robot
    chat: Chat

    @property
    def is_group(self) -> bool:
        return self.chat.kind is ChatKind.GROUP

    def code_for(self, medium: Medium, *, is_preview: bool = False) -> str:
        life = round(self.state.switches.download_code_life * SECOND)
        media = self.state.media
        return media.code(medium, self.robot.id, life_ms=life, is_preview=is_preview)

    def medium(self, name: str | None) -> Medium:
        """The media file of that name, or a sample for the kind of the message."""
        found = self.state.media.find(name) if name else None
        return found or sample_medium(self.state, self.request.msgtype)


def sample_medium(state: State, kind: str) -> Medium:
    """Store a sample for a message that names no media file."""
    sample = sample_for(kind, voice=state.switches.voice_format)
    return state.media.keep(
        sample.content,
        file_name=sample.file_name,
        content_type=sample.content_type,
        is_of_person=True,
    )


def content_of(context: SendContext) -> Content:
    """The `text` or `content` of the callback, with the quoted message if there is one."""
    content = CONTENTS[context.request.msgtype](context)
    quoted = context.state.messages.get(context.request.quotes or "")
    if quoted is None or context.state.switches.quotes_in_legacy_form:
        return content
    return content | {"isReplyMsg": True, "repliedMsg": _replied(context, quoted)}


def quotation_of(context: SendContext) -> Content:
    """The top-level fields of a callback that describe a quoted message."""
    quoted = context.state.messages.get(context.request.quotes or "")
    if quoted is None:
        return {}
    if context.state.switches.quotes_in_legacy_form:
        quote = {
            "msgId": quoted.id,
            "msgtype": "text",
            "text": {"content": quoted.text},
            "senderNick": quoted.author.name,
            "senderId": _sender_id(context, quoted),
        }
        return {"quoteMessage": quote}
    key = {"originalProcessQueryKey": quoted.query_key} if quoted.query_key else {}
    return {"originalMsgId": quoted.id, **key}


def _replied(context: SendContext, quoted: Message) -> Content:
    kind, content = quoted.msgtype, {}
    if kind == "text":
        # Both names occur in real callbacks, and a robot may read either.
        content = {"text": quoted.text, "content": quoted.text}
    elif quoted.by != "person":
        kind = "interactiveCard"
    elif isinstance(quoted.content, Mapping):
        content = {name: value for name, value in quoted.content.items() if name != "repliedMsg"}
    return {
        "msgType": kind,
        "msgId": quoted.id,
        "senderId": _sender_id(context, quoted),
        "createdAt": quoted.at,
        "content": content,
    }


def _sender_id(context: SendContext, quoted: Message) -> str:
    person = context.state.people.get(quoted.author.id)
    return person.sender_id if person else context.robot.user_id


def _mentioning(context: SendContext, text: str) -> str:
    """The text with the mentions of other people, which the DingTalk client keeps in it."""
    people = [context.state.people.get(name) for name in context.request.mentions]
    names = [f"@{one.name}" for one in people if one is not None and f"@{one.name}" not in text]
    return " ".join([text, *names]).strip() if names else text


def _text(context: SendContext) -> Content:
    words = _mentioning(context, context.request.text)
    # DingTalk removes the mention of the robot and keeps the space after it.
    return {"content": f" {words}" if context.is_group else words}


def _rich_text(context: SendContext) -> Content:
    pieces = list(context.request.pieces)
    if not pieces:
        words = (
            [Piece(text=_mentioning(context, context.request.text))] if context.request.text else []
        )
        pieces = [*words, *([Piece(media=context.request.media)] if context.request.media else [])]
    return {"richText": [_piece(context, piece) for piece in pieces]}


def _piece(context: SendContext, piece: Piece) -> Content:
    if piece.media is not None:
        return {"type": "picture", **_picture_of(context, context.medium(piece.media))}
    person = context.state.people.get(piece.at or "")
    if person is not None:
        staff_id = {"atUserId": person.staff_id} if person.staff_id else {}
        return {"type": "at", "atName": person.name, **staff_id}
    return {"text": piece.text or ""}


def _picture_of(context: SendContext, medium: Medium) -> Content:
    return {
        "downloadCode": context.code_for(medium),
        "pictureDownloadCode": context.code_for(medium, is_preview=True),
    }


def _picture(context: SendContext) -> Content:
    return _picture_of(context, context.medium(context.request.media))


def _audio(context: SendContext) -> Content:
    code = context.code_for(context.medium(context.request.media))
    return {
        "duration": context.request.duration,
        "downloadCode": code,
        "recognition": context.request.text,
    }


def _video(context: SendContext) -> Content:
    code = context.code_for(context.medium(context.request.media))
    return {"duration": context.request.duration, "downloadCode": code, "videoType": "mp4"}


def _file(context: SendContext) -> Content:
    medium = context.medium(context.request.media)
    code = context.code_for(medium)
    return {
        "downloadCode": code,
        "fileName": medium.file_name,
        "spaceId": "1001",
        "fileId": medium.id[:12],
    }


def _unknown(context: SendContext) -> Content:
    return {"unknownMsgType": context.request.text or "当前消息类型不支持"}


CONTENTS: dict[str, Callable[[SendContext], Content]] = {
    "text": _text,
    "richText": _rich_text,
    "picture": _picture,
    "audio": _audio,
    "video": _video,
    "file": _file,
    "unknownMsgType": _unknown,
}


def open_session(state: State, message: Message) -> Session:
    """Open the session for replies to this message."""
    life = round(state.switches.session_life * SECOND)
    return state.sessions.open(message.room, message=message.id, life_ms=life)


def callback_body(context: SendContext, message: Message, content: Content) -> dict[str, object]:
    """The body of the callback. Fields of `more` override it; null fields are left out."""
    body = (
        _message_fields(context, message)
        | _sender_fields(context)
        | _chat_fields(context)
        | _content_fields(context, content)
    )
    body |= quotation_of(context) | context.request.more
    return {name: value for name, value in body.items() if value is not None}


def quota_body(state: State, body: dict[str, object]) -> dict[str, object]:
    """The callback that is sent when the monthly allowance is used up: without the content."""
    number: object = QUOTA_USED_UP
    error = {
        "errorCode": str(number) if state.switches.quota_code_as_string else number,
        "errorMessage": "the monthly allowance of Webhook & Stream is used up",
    }
    return {name: value for name, value in body.items() if name not in {"text", "content"}} | error


def renewed_body(
    state: State, body: dict[str, object], message: Message, session: Session
) -> dict[str, object]:
    """The callback of a new message with the same content."""
    return body | {
        "msgId": message.id,
        "createAt": _created(state, message),
        "sessionWebhook": state.webhook_of(session),
        "sessionWebhookExpiredTime": session.expires_at,
    }


def _created(state: State, message: Message) -> object:
    return str(message.at) if state.switches.created_at_as_string else message.at


def _message_fields(context: SendContext, message: Message) -> Content:
    session = open_session(context.state, message)
    message.session = session.id
    return {
        "senderPlatform": "Mac",
        "conversationId": context.chat.id,
        "conversationType": "2" if context.is_group else "1",
        "chatbotCorpId": context.state.corp_id,
        "chatbotUserId": context.robot.user_id,
        "robotCode": context.robot.robot_code,
        "msgId": message.id,
        "createAt": _created(context.state, message),
        "sessionWebhook": context.state.webhook_of(session),
        "sessionWebhookExpiredTime": session.expires_at,
        "msgtype": context.request.msgtype,
    }


def _sender_fields(context: SendContext) -> Content:
    """Staff ids are sent only for members of the organisation, and only to a published app."""
    person = context.person
    sender: Content = {"senderId": person.sender_id, "senderNick": person.name}
    is_app = context.robot.kind is RobotKind.ENTERPRISE
    if person.is_external or not (is_app and context.state.switches.is_published):
        return sender
    return sender | {
        "senderStaffId": person.staff_id,
        "senderCorpId": context.state.corp_id,
        "isAdmin": person.is_admin,
    }


def _chat_fields(context: SendContext) -> Content:
    if not context.is_group:
        return {}
    is_app = context.robot.kind is RobotKind.ENTERPRISE
    people = [context.state.people.get(name) for name in context.request.mentions]
    mentioned: list[Content] = [
        {"dingtalkId": one.sender_id, **({"staffId": one.staff_id} if is_app else {})}
        for one in people
        if one is not None
    ]
    if context.request.mentions_robot:
        mentioned.insert(0, {"dingtalkId": context.robot.user_id})
    return {
        "conversationTitle": context.chat.title,
        "isInAtList": context.request.mentions_robot,
        "atUsers": mentioned,
    }


def _content_fields(context: SendContext, content: Content) -> Content:
    if context.request.msgtype == "text":
        return {"text": content}
    if context.state.switches.content_as_string:
        return {"content": msgspec.json.encode(content).decode()}
    return {"content": content}
