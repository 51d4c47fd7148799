"""What is no callback of DingTalk, although it may look like one."""

import json

import pytest

from adapters.dingtalk.inbound.callback import BadCallback, EncryptedCallback
from tests.unit.adapters.dingtalk.inbound.payloads import (
    GROUP_TEXT,
    Json,
    Payload,
    payload,
    read,
    without,
)

RAW = json.dumps(GROUP_TEXT).encode()
DEEP = b"[" * 200_000


@pytest.mark.parametrize("field", ["msgId", "conversationId", "senderStaffId", "senderId"])
@pytest.mark.parametrize(
    "value",
    [
        "x" * 257,
        "x" * 1_000_000,
        "a\nb",
        "a\0b",
        "a\x1b[31m",
        "a\u2028b",
        "\ud800",
        7,
        [],
        {},
        True,
    ],
    ids=lambda value: ascii(value)[:12],
)
def test_b10_what_is_no_id_makes_no_callback(field: str, value: Json) -> None:
    with pytest.raises(BadCallback):
        read(payload(**{field: value}))


NO_CALLBACKS: dict[str, bytes] = {
    "B1 empty": b"",
    "B1 null": b"null",
    "B1 list": b"[]",
    "B1 list of one": b"[" + RAW + b"]",
    "B1 string": b'"x"',
    "B1 number": b"1",
    "B1 empty object": b"{}",
    "B1 truncated": RAW[:-1],
    "B1 trailing garbage": RAW + b"x",
    "B1 two documents": RAW + RAW,
    "B1 BOM": b"\xef\xbb\xbf" + RAW,
    "B1 UTF-16": RAW.decode().encode("utf-16"),
    "B1 single quotes": RAW.replace(b'"', b"'"),
    "B1 not a number": RAW.replace(b"1753000000123", b"NaN"),
    "B2 invalid UTF-8 in a known field": json.dumps(payload(senderNick="?")).encode().replace(b"?", b"\xff"),
    "B2 invalid UTF-8 in an unknown field": b'{"new":"\xc3(",' + RAW[1:],
    "B2 overlong UTF-8": b'{"new":"\xc0\xaf",' + RAW[1:],
    "B2 surrogate in UTF-8": b'{"new":"\xed\xa0\x80",' + RAW[1:],
    "B3 deep": DEEP,
    "B3 deep in an unknown field": b'{"new":' + DEEP,
    "B3 deep and closed in an unknown field": b'{"new":' + DEEP + b"]" * 200_000 + b"," + RAW[1:],
    "B3 deep in a known field": b'{"text":' + DEEP + b"]" * 200_000 + b"," + RAW[1:],
    "B3 deep objects": b'{"a":' * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("body", NO_CALLBACKS.values(), ids=NO_CALLBACKS)
def test_body_is_no_callback(body: bytes) -> None:
    with pytest.raises(BadCallback):
        read(body)


INCOMPLETE: dict[str, Payload] = {
    **{f"{name} left out": without(name) for name in ("msgId", "conversationId", "msgtype")},
    **{f"{name} null": payload(**{name: None}) for name in ("msgId", "conversationId", "msgtype")},
    **{f"{name} empty": payload(**{name: ""}) for name in ("msgId", "conversationId")},
}


@pytest.mark.parametrize("body", INCOMPLETE.values(), ids=INCOMPLETE)
def test_needed_field(body: Payload) -> None:
    with pytest.raises(BadCallback):
        read(body)


SPOKEN: dict[str, Payload] = {
    "nick": payload(senderNick="a{}b"),
    "title": payload(conversationTitle="a{}b"),
    "text": payload(text={"content": "a{}b"}),
    "rich text": payload(msgtype="richText", content={"richText": [{"text": "a{}b"}]}),
    "transcript": payload(msgtype="audio", content={"recognition": "a{}b"}),
    "quotation": payload(text={"content": "x", "repliedMsg": {"content": {"text": "a{}b"}}}),
    "webhook": payload(sessionWebhook="https://oapi.dingtalk.com/a{}b"),
    "kind": payload(msgtype="a{}b", robotCode="a{}b"),
}
NO_TEXT = {
    "B4 lone surrogate": "\\ud800",
    "B4 reversed pair": "\\udc00\\ud800",
    "B5 NUL": "\\u0000",
}


@pytest.mark.parametrize("field", [name for name in SPOKEN if name != "kind"])
@pytest.mark.parametrize("escape", NO_TEXT.values(), ids=NO_TEXT)
def test_text_that_cannot_be_stored_makes_no_callback(field: str, escape: str) -> None:
    body = json.dumps(SPOKEN[field]).replace("{}b", f"{escape}b").encode()

    with pytest.raises(BadCallback):
        read(body)


@pytest.mark.parametrize("field", ["createAt", "sessionWebhookExpiredTime"])
@pytest.mark.parametrize(
    "number",
    [2**63, -(2**63), 2**64, 10**30, int("9" * 4000)],
    ids=["2**63", "-2**63", "2**64", "10**30", "4000 digits"],
)
def test_b6_oversized_integers_make_no_callback(field: str, number: int) -> None:
    with pytest.raises(BadCallback):
        read(payload(**{field: number}))


@pytest.mark.parametrize("body", [{"encrypt": "AbC="}, {"encrypt": "x", "timestamp": 1}])
def test_an_encrypted_body_is_named_as_one(body: Payload) -> None:
    with pytest.raises(EncryptedCallback):
        read(body)


@pytest.mark.parametrize("body", [b'{"encrypt": 7}', b"[]", b"7", b'"encrypt"', b"{"])
def test_what_is_no_callback_is_not_taken_for_an_encrypted_one(body: bytes) -> None:
    with pytest.raises(BadCallback) as raised:
        read(body)

    assert not isinstance(raised.value, EncryptedCallback)
