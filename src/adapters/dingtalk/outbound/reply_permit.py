"""Permits for replies to a listener on this machine that sent the message itself (`chatgpt-dingtalk send`).

Replies go to the origins of `webhook_hosts` only. Whoever knows the robot's secret may, for one message,
ask for the reply at a port of 127.0.0.1 instead; the address of that message carries the proof.
"""

import hashlib
import hmac
import re
from collections.abc import Callable

import httpx

from adapters.dingtalk.inbound.robots import Robots
from domain.message import IncomingMessage

_ADDRESS = re.compile(
    r"http://127\.0\.0\.1:(?P<port>[1-9][0-9]{0,4})/[a-zA-Z0-9/]{0,100}\?permit=(?P<permit>[0-9a-f]{64})"
)
LAST_PORT = 65535


def permitted_address(port: int, message_id: str, secret: str, *, path: str = "/") -> str:
    """A session webhook on this machine that the service takes for this message of this robot alone."""
    return f"http://127.0.0.1:{port}{path}?permit={_permit(port, message_id, secret)}"


class ReplyPermits:
    """Knows the permits of the robots that are configured now."""

    def __init__(self, robots: Callable[[], Robots]) -> None:
        self._robots = robots

    def target(self, message: IncomingMessage) -> httpx.URL | None:
        """Where to post the reply, or None where the message's address is not permitted."""
        found = _ADDRESS.fullmatch(message.webhook.url)
        if found is None or int(found["port"]) > LAST_PORT:
            return None
        for robot in self._robots().robots:
            if robot.id == message.robot and robot.secret:
                expected = _permit(int(found["port"]), message.id, robot.secret)
                if hmac.compare_digest(expected, found["permit"]):
                    return httpx.URL(message.webhook.url)
        return None


def _permit(port: int, message_id: str, secret: str) -> str:
    proved = f"reply permit\n{port}\n{message_id}"
    return hmac.new(secret.encode(), proved.encode(), hashlib.sha256).hexdigest()
