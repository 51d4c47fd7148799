"""What DingTalk posts, read strictly where it counts and tolerantly everywhere else.

Source of the fields: DingTalk, "receive-message" and "robot-message-type", and payloads seen in the field.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from adapters.dingtalk.inbound.content import NULL, Body, content_of, is_absent
from adapters.dingtalk.inbound.robots import Caller
from domain.message import (
    Content,
    ContentKind,
    GroupId,
    IncomingMessage,
    Room,
    RoomKind,
    Sender,
    StaffId,
    Webhook,
)

ERROR_CODE = re.compile(r"[0-9]{1,9}")
LONGEST_ID = 256
LONGEST_NAME = 256
LONGEST_WEBHOOK = 2048
OUTGOING_ROBOT_CODE = "normal"
ROOM_KINDS = {"1": RoomKind.PRIVATE, "2": RoomKind.GROUP}
LATEST = 253_402_300_799_000
"""The last millisecond-stamp that is a date (year 9999); DingTalk's own are far below."""
LARGEST_INTEGER = 2**63
LONGEST_STAMP = 15
NOT_JSON = (msgspec.MsgspecError, UnicodeError, RecursionError)


ALLOWANCE_USED_UP = "20001"
"""The `errorCode` of a callback whose text DingTalk kept back: the month's messages are used up."""


class BadCallback(ValueError):  # noqa: N818 - reads as what it says
    """The body is not a callback of DingTalk."""


class EncryptedCallback(BadCallback):
    """The body is `{"encrypt": …}`: somebody switched body encryption on, which nobody here can undo."""


class Callback(Body, frozen=True, kw_only=True):
    """The fields that are read; DingTalk adds others at any time, and they are passed over."""

    msg_id: str = msgspec.field(name="msgId")
    conversation_id: str = msgspec.field(name="conversationId")
    conversation_type: str | int | None = msgspec.field(name="conversationType", default=None)
    conversation_title: str | None = msgspec.field(name="conversationTitle", default=None)
    sender_id: str | None = msgspec.field(name="senderId", default=None)
    sender_nick: str | None = msgspec.field(name="senderNick", default=None)
    sender_staff_id: str | None = msgspec.field(name="senderStaffId", default=None)
    robot_code: str | None = msgspec.field(name="robotCode", default=None)
    session_webhook: str | None = msgspec.field(name="sessionWebhook", default=None)
    expires: int | float | str | None = msgspec.field(
        name="sessionWebhookExpiredTime", default=None
    )
    created: int | float | str | None = msgspec.field(name="createAt", default=None)
    error_code: msgspec.Raw = msgspec.field(name="errorCode", default=NULL)

    @property
    def reported_error(self) -> str | None:
        """The code of what DingTalk reports in place of a text, or `unknown`; None for a person's message."""
        if is_absent(self.error_code):
            return None
        digits = bytes(self.error_code).decode().strip('"').removesuffix(".0")
        if digits in {"", "0"}:
            return None
        return digits if ERROR_CODE.fullmatch(digits) else "unknown"

    def to_message(self, caller: Caller, *, received_at: datetime) -> IncomingMessage:
        """The message in the robot's own words.

        Raises:
            BadCallback: an id is missing, too long or not an id, or a text cannot be stored.
        """
        _check_integer(self.created)
        _check_integer(self.expires)
        return IncomingMessage(
            robot=caller.robot,
            id=_identifier(self.msg_id),
            sender=self._sender(caller),
            room=self._room(caller),
            content=self._content(),
            webhook=self._webhook(),
            received_at=received_at,
            authentic=caller.authentic,
        )

    def _content(self) -> Content:
        if self.msgtype is None and self.reported_error is None:
            raise BadCallback("it names no kind of message")
        try:
            content = self._kept_back() or content_of(self)
        except NOT_JSON as error:
            raise BadCallback("its text is no text") from error
        _storable(content.text or "")
        _storable(content.quoted)
        return content

    def _kept_back(self) -> Content | None:
        """What DingTalk reports in place of the text, if it does; a text that came all the same is read."""
        code = self.reported_error
        if code is None or not (is_absent(self.text) and is_absent(self.content)):
            return None
        is_allowance = code == ALLOWANCE_USED_UP
        kind = ContentKind.ALLOWANCE_USED_UP if is_allowance else ContentKind.KEPT_BACK
        return Content(kind=kind, text=None)

    def _sender(self, caller: Caller) -> Sender:
        # A custom group robot knows no staff ids: one that comes with its token proves nothing.
        claimed = None if caller.outgoing else self.sender_staff_id
        staff_id = _identifier(claimed) if claimed else None
        sender_id = _identifier(self.sender_id) if self.sender_id else ""
        if not (staff_id or sender_id):
            raise BadCallback("nobody sent it")
        return Sender(
            staff_id=StaffId(staff_id) if staff_id else None,
            sender_id=sender_id,
            nick=_storable(self.sender_nick or "")[:LONGEST_NAME],
        )

    def _room(self, caller: Caller) -> Room:
        outgoing = caller.outgoing or self.robot_code == OUTGOING_ROBOT_CODE
        kind = ROOM_KINDS.get(str(self.conversation_type), RoomKind.UNKNOWN)
        return Room(
            # An outgoing robot exists in groups only, whatever its message says.
            kind=RoomKind.GROUP if outgoing else kind,
            id=GroupId(_identifier(self.conversation_id)),
            title=_storable(self.conversation_title or "")[:LONGEST_NAME],
            outgoing=outgoing,
        )

    def _webhook(self) -> Webhook:
        url = _storable(self.session_webhook or "")
        return Webhook(
            url=url if len(url) <= LONGEST_WEBHOOK else "",
            expires_at=_moment(self.expires),
        )


_decoder: Callable[[bytes], Callback] = msgspec.json.Decoder(Callback).decode


def read_callback(body: bytes) -> Callback:
    """Read a request's body.

    Raises:
        BadCallback: whatever the bytes are, if they are not a callback.
    """
    try:
        body.decode("utf-8")
        return _decoder(body)
    except NOT_JSON as error:
        if _is_encrypted(body):
            raise EncryptedCallback("its body is encrypted") from error
        raise BadCallback("not a callback of DingTalk") from error


def _is_encrypted(body: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(body)["encrypt"], str)
    except (*NOT_JSON, KeyError, TypeError):
        return False


def _identifier(value: str) -> str:
    if not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise BadCallback("an id is missing or not an id")
    return _storable(value)


def _storable(text: str) -> str:
    """The text itself, if every database can store it."""
    if "\0" in text or not _is_unicode(text):
        raise BadCallback("a text holds characters that are none")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_integer(value: float | str | None) -> None:
    if isinstance(value, int) and abs(value) >= LARGEST_INTEGER:
        raise BadCallback("a number is too large")


def _moment(value: float | str | None) -> datetime | None:
    """A time in milliseconds, which DingTalk's pages call a string and its payloads give as a number."""
    if isinstance(value, str):
        is_stamp = value.isascii() and value.isdigit() and len(value) <= LONGEST_STAMP
        value = int(value) if is_stamp else None
    if value is None or not 0 < value <= LATEST:
        return None
    return datetime.fromtimestamp(value / 1000, tz=UTC)
