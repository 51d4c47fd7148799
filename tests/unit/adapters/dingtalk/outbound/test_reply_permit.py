"""Who knows a robot's secret may have the reply to one message at a port of this machine."""

from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.inbound.robots import Robot, Robots
from adapters.dingtalk.outbound.reply_permit import ReplyPermits, permitted_address
from domain.message import IncomingMessage, RobotId, Webhook
from tests.strategies import message_saying

SECRET, OTHER = "a-secret-of-the-robot", "another-secret"
ROBOT = RobotId("dingrobot")
MESSAGE = replace(message_saying("你好"), robot=ROBOT, id="msg-1")
PERMITTED = permitted_address(8092, "msg-1", SECRET)


def permits(*robots: Robot) -> ReplyPermits:
    known = robots or (Robot(id=ROBOT, secret=SECRET), Robot(id=RobotId("b"), secret=OTHER))
    return ReplyPermits(lambda: Robots(robots=known))


def with_reply_at(url: str, message: IncomingMessage = MESSAGE) -> IncomingMessage:
    return replace(message, webhook=Webhook(url=url, expires_at=None))


@given(port=st.integers(1, 65535), path=st.sampled_from(["/", "/robot/sendBySession"]))
def test_the_listener_of_the_message_is_permitted(port: int, path: str) -> None:
    url = permitted_address(port, "msg-1", SECRET, path=path)

    assert permits().target(with_reply_at(url)) == httpx.URL(url)


@pytest.mark.parametrize(
    "message",
    [
        with_reply_at(PERMITTED, replace(MESSAGE, id="msg-2")),
        with_reply_at(PERMITTED, replace(MESSAGE, robot=RobotId("b"))),
        with_reply_at(PERMITTED, replace(MESSAGE, robot=RobotId("unknown"))),
        with_reply_at(permitted_address(8092, "msg-1", OTHER)),
        with_reply_at(PERMITTED.replace("8092", "8093")),
        with_reply_at(PERMITTED[:-1] + ("0" if PERMITTED[-1] != "0" else "1")),
        with_reply_at(PERMITTED[:-1]),
    ],
    ids=["message", "robot", "nobody", "secret", "port", "changed", "short"],
)
def test_a_permit_of_something_else_is_none(message: IncomingMessage) -> None:
    assert permits().target(message) is None


@pytest.mark.parametrize(
    "url",
    [
        PERMITTED.replace("127.0.0.1", "127.0.0.2"),
        PERMITTED.replace("127.0.0.1", "localhost"),
        PERMITTED.replace("127.0.0.1", "evil.example"),
        PERMITTED.replace("127.0.0.1", "127.0.0.1@evil.example"),
        PERMITTED.replace("http://", "https://"),
        PERMITTED.replace("/?", "/../?"),
        PERMITTED.replace(":8092", ":0"),
        PERMITTED.replace(":8092", ":65536"),
        PERMITTED + "&x=1",
        PERMITTED + "#x",
        " " + PERMITTED,
        PERMITTED + "\n",
        "",
    ],
)
def test_nothing_but_a_port_of_this_machine_is_permitted(url: str) -> None:
    assert permits().target(with_reply_at(url)) is None


def test_an_empty_secret_permits_nothing() -> None:
    url = permitted_address(8092, "msg-1", "")

    assert permits(Robot(id=ROBOT, secret="")).target(with_reply_at(url)) is None
