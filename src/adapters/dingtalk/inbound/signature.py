"""DingTalk's signature over a callback's timestamp, which says that the sender knows the secret.

Source: DingTalk, "receive-message": Base64(HMAC-SHA256(key = secret, message = timestamp + "\\n" + secret)),
not older or newer than one hour. It does not cover the body.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

TIMESTAMP = re.compile(r"[0-9]{13}")
"""Milliseconds since 1970 as DingTalk writes them; nothing else is a timestamp, whatever `int` thinks."""

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sign(timestamp: str, secret: str) -> str:
    """The signature DingTalk puts into the header `sign`."""
    mac = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode("ascii")


def milliseconds(moment: datetime) -> int:
    """The moment as DingTalk writes it, in whole milliseconds since 1970."""
    return (moment - EPOCH) // MILLISECOND


def is_fresh(timestamp: str, *, now: datetime, tolerance: timedelta) -> bool:
    """Whether it is a timestamp, and no further from now than the tolerance, which itself is allowed."""
    if not TIMESTAMP.fullmatch(timestamp):
        return False
    return abs(milliseconds(now) - int(timestamp)) <= tolerance // MILLISECOND


def seconds_off(timestamp: str, *, now: datetime) -> int | None:
    """How far the timestamp is from now, ahead of it if above zero; None if it is no timestamp."""
    if not TIMESTAMP.fullmatch(timestamp):
        return None
    return (int(timestamp) - milliseconds(now)) // 1000


def matches(timestamp: str, signature: str, secret: str) -> bool:
    """Whether the signature is that of this secret; takes the same time for every wrong one.

    An empty secret vouches for nobody: everyone knows it.
    """
    expected = sign(timestamp, secret).encode("ascii")
    is_equal = hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))
    return is_equal and secret != ""
