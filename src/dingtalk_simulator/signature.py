"""The signatures of DingTalk, computed here independently of the robot under test.

Source: DingTalk, "receive-message" and "event-callback-card".
"""

import base64
import hashlib
import hmac


def sign(timestamp: str, secret: str) -> str:
    """The header `sign` of a callback: Base64(HMAC-SHA256(secret, timestamp + newline + secret))."""
    return _hmac(secret, f"{timestamp}\n{secret}")


def matches(timestamp: str, signature: str, secret: str) -> bool:
    """Whether the signature was made with this secret. An empty secret never matches."""
    expected = sign(timestamp, secret).encode("ascii")
    is_equal = hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))
    return is_equal and secret != ""


def card_signature(timestamp: str, secret: str) -> str:
    """The signature of a card callback, which covers the timestamp alone."""
    return _hmac(secret, timestamp)


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), hashlib.sha256)).decode()
