"""Failures that were asked for: of one endpoint, for so many calls."""

from enum import StrEnum
from typing import Annotated

import msgspec

MOST_FAILURES = 200


class FailureKind(StrEnum):
    ERRCODE = "errcode"
    CODE = "code"
    ANSWER = "answer"
    THROTTLE_PAGE = "throttle_page"
    THROTTLE_JSON = "throttle_json"
    LATENCY = "latency"
    HANG = "hang"
    CLOSE = "close"
    RESET = "reset"
    DRIP = "drip"
    FLOOD = "flood"
    DUPLICATE = "duplicate"
    BAD_SIGNATURE = "bad_signature"
    STALE_SIGNATURE = "stale_signature"
    QUOTA = "quota"


CALLBACK_KINDS = frozenset(
    {
        FailureKind.LATENCY,
        FailureKind.DUPLICATE,
        FailureKind.BAD_SIGNATURE,
        FailureKind.STALE_SIGNATURE,
        FailureKind.QUOTA,
    }
)
ANSWER_KINDS = (frozenset(FailureKind) - CALLBACK_KINDS) | {FailureKind.LATENCY}


class Failure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong at an endpoint; `times` None means until it is cleared.

    `handled` says that DingTalk takes the request and only its answer is not the usual one.
    """

    endpoint: str
    kind: FailureKind
    times: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = 1
    handled: bool = False
    errcode: int = -1
    errmsg: str = "said so"
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    code: str = "system.error"
    body: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 3600.0
    copies: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1


class Failures:
    """A row for each endpoint: the first in it is what the next call meets."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Failure]] = {}

    def add(self, failure: Failure) -> None:
        """Put it at the end of its row. Raises ValueError if there are too many."""
        if len(self.all()) >= MOST_FAILURES:
            raise ValueError(f"there are {MOST_FAILURES} failures already")
        self._rows.setdefault(failure.endpoint, []).append(failure)

    def take(self, endpoint: str) -> Failure | None:
        """What this call meets; one time less is left of it."""
        row = self._rows.get(endpoint)
        if not row:
            return None
        met = row[0]
        if met.times is not None:
            left = met.times - 1
            row[:1] = [msgspec.structs.replace(met, times=left)] if left else []
        return met

    def all(self) -> list[Failure]:
        return [failure for row in self._rows.values() for failure in row]

    def clear(self, endpoint: str | None = None) -> None:
        if endpoint is None:
            self._rows.clear()
        else:
            self._rows.pop(endpoint, None)
