"""Frames as they come over the websocket, whatever they hold."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.stream.frames import (
    TAKEN,
    BadFrame,
    acknowledgement,
    echo,
    read_frame,
)

HEADERS = {
    "appId": "app",
    "connectionId": "connection",
    "contentType": "application/json",
    "messageId": "212ca9d7_974",
    "time": "1753000000456",
    "topic": "/v1.0/im/bot/messages/get",
}


def written(**changes: object) -> bytes:
    frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": HEADERS, "data": '{"a":"你好"}'}
    return json.dumps({**frame, **changes}).encode()


def with_headers(**changes: object) -> bytes:
    return written(headers={**HEADERS, **changes})


def test_a_frame_is_read_whole() -> None:
    frame = read_frame(written(), up_for=timedelta(seconds=3))

    assert (frame.kind, frame.topic) == ("CALLBACK", "/v1.0/im/bot/messages/get")
    assert frame.message_id == "212ca9d7_974"
    assert json.loads(frame.data) == {"a": "你好"}
    assert frame.sent_at == 1753000000456
    assert frame.up_for == timedelta(seconds=3)


def test_data_may_be_the_object_itself() -> None:
    assert read_frame(written(data={"a": 1})).data == json.dumps({"a": 1}).encode()


@pytest.mark.parametrize("time", [1753000000456, "1753000000456"])
def test_a_time_may_be_number_or_string(time: object) -> None:
    assert read_frame(with_headers(time=time)).sent_at == 1753000000456


@pytest.mark.parametrize("time", [None, "", "soon", 1.5, "1" * 16, {}, True, -1])
def test_a_time_that_is_none_costs_nothing_but_the_time(time: object) -> None:
    frame = read_frame(with_headers(time=time))

    assert frame.sent_at is None
    assert frame.message_id


@pytest.mark.parametrize("raw", [b"{}", b'{"type":"CALLBACK"}', b'{"headers":{"topic":null}}'])
def test_a_frame_may_lack_every_header(raw: bytes) -> None:
    frame = read_frame(raw)

    assert (frame.topic, frame.message_id, frame.data) == ("", "", b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not JSON",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"type":"\xff"}',
        b'{"type":1}',
        b'{"headers":[]}',
        b'{"headers":null}',
        b'{"headers":{"messageId":7}}',
        b'{"data":"\\ud800"}',
        b'{"a":' + b"[" * 100_000,
        with_headers(messageId="x" * 257),
        with_headers(messageId="line\nbreak"),
        with_headers(topic="\0"),
    ],
)
def test_what_is_no_frame_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        read_frame(raw)


@given(st.binary(max_size=60) | st.text('{}[]":,typeheadrs01nul\\', max_size=60).map(str.encode))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    try:
        frame = read_frame(raw)
    except BadFrame:
        return
    json.loads(acknowledgement(frame, echo(frame)))


def test_an_acknowledgement_repeats_the_id_and_holds_json_in_a_string() -> None:
    said = json.loads(acknowledgement(read_frame(written()), TAKEN))

    assert said == {
        "code": 200,
        "headers": {"messageId": "212ca9d7_974", "contentType": "application/json"},
        "message": "OK",
        "data": '{"response": null}',
    }


def test_a_ping_is_answered_with_its_own_data() -> None:
    frame = read_frame(written(type="SYSTEM", data='{"opaque": "0815"}'))

    assert echo(frame).data == '{"opaque": "0815"}'
