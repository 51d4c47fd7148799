"""`send`'s listener takes what the service replies to it, and nothing of anybody else."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from entrypoints.cli.reply_listener import LARGEST_BODY, ReplyListener, reply_listener

EXPECTED = "/robot/sendBySession?permit=0123456789abcdef"
REPLY = {"msgtype": "markdown", "markdown": {"title": "t", "text": "你好"}}


@pytest.fixture
def listener() -> Iterator[ReplyListener]:
    with reply_listener() as opened:
        opened.expects = EXPECTED
        yield opened


def post(
    listener: ReplyListener, body: object = REPLY, *, target: str = EXPECTED, **headers: str
) -> int:
    url = f"http://127.0.0.1:{listener.port}{target}"
    return httpx.post(url, json=body, headers=headers, trust_env=False, timeout=10).status_code


def test_a_reply_to_the_message_is_taken(listener: ReplyListener) -> None:
    assert post(listener) == 200
    assert list(listener.parts(within=10, quiet=0.01)) == ["你好"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"CF-Connecting-IP": "127.0.0.1"},
        {"Host": "evil.example"},
    ],
)
def test_what_comes_from_elsewhere_is_refused(
    listener: ReplyListener, headers: dict[str, str]
) -> None:
    assert post(listener, **headers) == 403
    assert listener.replies.empty()


@pytest.mark.parametrize("target", ["/", EXPECTED[:-1], f"{EXPECTED}0"])
def test_who_does_not_know_the_address_says_nothing(listener: ReplyListener, target: str) -> None:
    assert post(listener, target=target) == 404
    assert listener.replies.empty()


@pytest.mark.parametrize("length", ["", "-1", "9" * 5000, str(LARGEST_BODY + 1), "1_0"])
def test_a_body_without_a_sensible_length_is_refused(listener: ReplyListener, length: str) -> None:
    request = f"POST {EXPECTED} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as line:
        line.sendall(request.encode())

        assert b" 413 " in line.recv(100)
