"""What DingTalk's answers mean: its `errcode` numbers, its `code` words, and its throttle page."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, auto

from adapters.dingtalk.outbound.exchange import Answer
from domain.reply import Busy, SendResult, Sent, Undeliverable


class Detour(Enum):
    """The request failed, and something else may help."""

    OTHER_WAY = auto()
    """The session is gone or its allowance spent; the OpenAPI may still deliver."""
    NEW_TOKEN = auto()
    """The access token was not accepted."""


_THROTTLED = timedelta(minutes=5)
_UNKNOWN = timedelta(minutes=1)
_OVERLOADED = timedelta(seconds=10)

_BUSY: Mapping[int, timedelta | None] = {
    -1: None,
    90002: timedelta(seconds=5),
    90005: timedelta(seconds=5),
    90018: timedelta(seconds=1),
    130101: timedelta(minutes=1),
    410100: timedelta(seconds=10),
}
_OTHER_WAY = frozenset({300001, 90030})
_PERMANENT: Mapping[int, str] = {
    40035: "a parameter is missing",
    43004: "wrong content type",
    43005: "not JSON",
    43009: "not JSON",
    90020: "monthly quota spent",
    300005: "the token does not exist",
    310000: "the robot's security settings do not match",
    400013: "the group is disbanded",
    400101: "the token is missing",
    400102: "the robot is disabled",
    400105: "message type not supported",
    400106: "the robot is not in the group",
    430101: "moderation: unsafe link",
    430102: "moderation: unsafe text",
    430103: "moderation: unsafe image",
    430104: "moderation: unsafe content",
    460101: "the message is too large",
}

_TOO_FAST = frozenset(
    {"send.too.fast", "send.bytoken.toofast", "too.many.group", "too.many.people"}
)
_TOKEN_REJECTED = frozenset(
    {"invalidauthentication", "invalidparameter.token.invalid", "token.notexisted"}
)
_CODE = re.compile(r"[A-Za-z0-9._-]{1,100}")


def webhook_verdict(answer: Answer) -> SendResult | Detour:
    """What became of a message to a session webhook: delivered only by HTTP 2xx and errcode 0.

    A number that DingTalk does not document is tried again, as a lost answer is worse than a late one.
    """
    if answer.body is None or ("status" in answer.body and "errcode" not in answer.body):
        reason = f"HTTP {answer.status} without errcode"
        return Busy(reason=reason, pause=_pause(answer), code=_status(answer))
    number = errcode(answer.body)
    if number in _OTHER_WAY:
        return Detour.OTHER_WAY
    if number is not None and number in _PERMANENT:
        reason = f"errcode {number}: {_PERMANENT[number]}"
        return Undeliverable(reason=reason, code=str(number))
    if number == 0 and answer.is_success:
        return Sent()
    pause = _BUSY.get(number, _UNKNOWN) if number else _pause(answer)
    code = _status(answer) if number is None else str(number)
    return Busy(reason=f"HTTP {answer.status}, errcode {number}", pause=pause, code=code)


def api_verdict(answer: Answer) -> SendResult | Detour:
    """What became of a call of the OpenAPI: HTTP 2xx with a `processQueryKey` took it."""
    if answer.body is None or answer.status >= 500:  # noqa: PLR2004 - RFC 9110, 15.6
        return Busy(reason=f"HTTP {answer.status}", pause=_pause(answer), code=_status(answer))
    word = api_code(answer.body)
    if answer.status == 401 or word.lower() in _TOKEN_REJECTED:  # noqa: PLR2004 - RFC 9110, 15.5.2
        return Detour.NEW_TOKEN
    if word.lower() in _TOO_FAST or ".Qps" in word or answer.status == 429:  # noqa: PLR2004 - RFC 6585
        pause = answer.retry_after or _OVERLOADED
        return Busy(reason=f"HTTP {answer.status}, {word}", pause=pause, code=word)
    if not answer.is_success:
        return Undeliverable(reason=f"HTTP {answer.status}, {word}", code=word or _status(answer))
    if word or not isinstance(answer.body.get("processQueryKey"), str):
        return Busy(reason=f"HTTP {answer.status} without processQueryKey {word}".rstrip())
    return _recipients_verdict(answer.body)


def errcode(body: Mapping[str, object]) -> int | None:
    """The number of an answer, which may come as a string; None where there is none."""
    value = body.get("errcode")
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_passing(number: int | None) -> bool:
    """Whether the same request may fare better a little later; so may one without any number."""
    return number is None or number in _BUSY


def api_code(body: Mapping[str, object]) -> str:
    """The word of an answer in either spelling; empty where there is none that looks like one."""
    value = body.get("code") or body.get("Code")
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _recipients_verdict(body: Mapping[str, object]) -> SendResult:
    """A message to one person: whoever is in a list of the answer did not get it."""
    if body.get("flowControlledStaffIdList"):
        return Busy(reason="flow control", pause=_OVERLOADED, code="flowControlled")
    for name in ("invalidStaffIdList", "filteredStaffIdList"):
        if body.get(name):
            return Undeliverable(reason=name, code=name)
    return Sent()


def _status(answer: Answer) -> str:
    return f"http_{answer.status}"


def _pause(answer: Answer) -> timedelta | None:
    """How long to wait after an answer without a code. The throttle page has HTTP 200 or 4xx."""
    if answer.retry_after is not None:
        return answer.retry_after
    if answer.status == 429:  # noqa: PLR2004 - RFC 6585
        return _OVERLOADED
    is_throttle = answer.body is not None and answer.body.get("status") == 1111  # noqa: PLR2004 - its own number
    return _THROTTLED if is_throttle else None
