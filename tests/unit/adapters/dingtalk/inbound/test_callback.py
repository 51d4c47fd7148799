"""What is read of a callback beside its content, and what makes it none."""

import json
from datetime import UTC, datetime

import pytest

from adapters.dingtalk.inbound.callback import BadCallback
from adapters.dingtalk.inbound.robots import UNSIGNED, Caller
from domain.message import GroupId, RobotId, RoomKind, StaffId
from tests.strategies import NOON
from tests.unit.adapters.dingtalk.inbound.payloads import (
    CALLER,
    GROUP_TEXT,
    Json,
    Payload,
    payload,
    read,
    without,
)


def test_fields_of_a_group_message() -> None:
    message = read(GROUP_TEXT)

    assert (message.robot, message.id) == (CALLER.robot, "msgExample0001==")
    assert message.sender.staff_id == StaffId("manager1234")
    assert message.sender.sender_id == "$:LWCP_v1:$UserExample"
    assert message.sender.nick == "小明"
    assert message.room.kind is RoomKind.GROUP
    assert message.room.id == GroupId("cidExample0000000000==")
    assert (message.room.title, message.room.outgoing) == ("项目讨论群", False)
    assert message.webhook.url == GROUP_TEXT["sessionWebhook"]
    assert message.webhook.expires_at == datetime(2025, 7, 20, 9, 56, 40, 123_000, tzinfo=UTC)
    assert (message.received_at, message.authentic) == (NOON, True)


def test_robot_is_never_the_one_the_body_names() -> None:
    assert read(payload(robotCode="dinganother")).robot == CALLER.robot


def test_unsigned_message_is_not_authentic() -> None:
    assert not read(GROUP_TEXT, UNSIGNED).authentic


@pytest.mark.parametrize(
    ("caller", "code", "outgoing"),
    [
        (CALLER, "normal", True),
        (CALLER, "dingexample", False),
        (CALLER, None, False),
        (Caller(robot=RobotId("outgoing-1"), authentic=False, outgoing=True), "dingexample", True),
    ],
    ids=["robotCode normal", "robotCode of an app", "no robotCode", "by token"],
)
def test_outgoing_robot_marks_its_room(caller: Caller, code: str | None, *, outgoing: bool) -> None:
    assert read(payload(robotCode=code), caller).room.outgoing is outgoing


@pytest.mark.parametrize("claimed", ["1", "2", "3", 1, None])
@pytest.mark.parametrize("code", ["normal", "dingexample", None])
def test_outgoing_robot_is_in_a_group_whatever_its_message_says(
    claimed: Json, code: str | None
) -> None:
    caller = Caller(robot=RobotId("outgoing-1"), authentic=False, outgoing=True)

    message = read(payload(robotCode=code, conversationType=claimed), caller)

    assert message.room.kind is RoomKind.GROUP


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("1", RoomKind.PRIVATE),
        ("2", RoomKind.GROUP),
        (1, RoomKind.PRIVATE),
        (2, RoomKind.GROUP),
        ("3", RoomKind.UNKNOWN),
        ("", RoomKind.UNKNOWN),
        (" 1", RoomKind.UNKNOWN),
        ("１", RoomKind.UNKNOWN),
        (None, RoomKind.UNKNOWN),
    ],
)
def test_c5_kind_of_room(given: Json, kind: RoomKind) -> None:
    assert read(payload(conversationType=given)).room.kind is kind


@pytest.mark.parametrize("staff_id", [None, ""], ids=["C1 null", "C1 empty"])
def test_without_staff_id_the_sender_id_is_the_key(staff_id: str | None) -> None:
    sender = read(payload(senderStaffId=staff_id, senderNick="manager1234")).sender

    assert sender.staff_id is None
    assert sender.key == "sender:$:LWCP_v1:$UserExample"


def test_c4_nickname_is_never_an_id() -> None:
    with pytest.raises(BadCallback):
        read({**without("senderStaffId", "senderId"), "senderNick": "manager1234"})


ODD_IDS = ["MSG1", "msg1 ", " msg1", "e\u0301", "\u00e9", "ｍsg1", "msg\u043e", "%6dsg1", "x" * 256]


@pytest.mark.parametrize("value", ODD_IDS, ids=ascii)
def test_b10_ids_are_kept_as_they_are(value: str) -> None:
    message = read(payload(msgId=value, senderStaffId=value, senderId=value, conversationId=value))

    assert message.id == message.sender.staff_id == message.sender.sender_id == value
    assert message.room.id == value


def test_x6_line_breaks_in_names_are_text() -> None:
    sender = read(payload(senderNick="a\n\x1b[31m\u2028b")).sender

    assert sender.nick == "a\n\x1b[31m\u2028b"


def test_c11_long_names_are_cut() -> None:
    message = read(payload(senderNick="长" * 5000, conversationTitle="长" * 5000))

    assert len(message.sender.nick) == len(message.room.title) == 256


@pytest.mark.parametrize(
    ("expires", "moment"),
    [
        (1753005400123, datetime(2025, 7, 20, 9, 56, 40, 123_000, tzinfo=UTC)),
        ("1753005400123", datetime(2025, 7, 20, 9, 56, 40, 123_000, tzinfo=UTC)),
        (1753005400123.0, datetime(2025, 7, 20, 9, 56, 40, 123_000, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("9" * 5000, None),
        ("١٧٥٣٠٠٥٤٠٠١٢٣", None),
        (0, None),
        (-1, None),
        (1e300, None),
        (10**18, None),
        (2**63 - 1, None),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_b6_expiry_is_a_moment_or_unknown(expires: Json, moment: datetime | None) -> None:
    assert read(payload(sessionWebhookExpiredTime=expires)).webhook.expires_at == moment


@pytest.mark.parametrize("created", ["1753000000123", 1.5, -1, 0, "x", None, 1], ids=ascii)
def test_b22_age_of_a_message_does_not_matter(created: Json) -> None:
    assert read(payload(createAt=created)).received_at == NOON


def test_webhook_that_is_too_long_is_none() -> None:
    assert read(payload(sessionWebhook="https://" + "x" * 3000)).webhook.url == ""


def test_b7_last_of_two_equal_keys_counts_everywhere() -> None:
    message = read(
        json.dumps(GROUP_TEXT).encode()[:-1] + b',"senderStaffId":"second","senderStaffId":"third"}'
    )

    assert message.sender.staff_id == StaffId("third")
    assert message.sender.key == "staff:third"


def test_unknown_fields_are_passed_over() -> None:
    strange: Payload = {"openThreadId": "x", "ai_robot_sessionid": {"a": [1]}, "isAdmin": "yes"}

    assert read({**GROUP_TEXT, **strange}) == read(GROUP_TEXT)


@pytest.mark.parametrize(
    "field",
    ["conversationTitle", "senderNick", "robotCode", "sessionWebhook", "createAt", "senderId"],
)
def test_field_that_may_be_missing(field: str) -> None:
    assert read(without(field)).id == read(payload(**{field: None})).id == "msgExample0001=="


def test_staff_id_that_comes_with_a_token_proves_nothing() -> None:
    caller = Caller(robot=RobotId("outgoing-1"), authentic=False, outgoing=True)

    message = read(payload(senderStaffId="admin", senderId="$:x"), caller)

    assert message.sender.staff_id is None
    assert message.sender.key == "sender:$:x"
