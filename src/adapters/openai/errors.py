"""What a provider's error means to us: the one table of statuses and codes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from adapters.openai.protocol import ErrorBody, read_as
from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)

NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.\-]")
LONGEST_NAME = 48

FILTERED = frozenset(
    {
        "content_filter",
        "content_policy_violation",
        "ResponsibleAIPolicyViolation",
        "moderation_blocked",
        "contentFilter",
    }
)
"""The last two are what image models say at OpenAI and at Azure."""
OUT_OF_FUNDS = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"}
)
TOO_LONG = frozenset({"context_length_exceeded", "string_above_max_length"})
TOO_LONG_IN_WORDS = re.compile(
    r"maximum context length|context (?:length|window) exceeded", re.IGNORECASE
)
"""How servers that give no code say it."""
WRONG_KEY = frozenset({"invalid_api_key", "authentication_error", "model_not_found"})
BAD_REQUEST_IN_WORDS = "invalid_request_error"

BAD_REQUEST = 400
PAYMENT_REQUIRED = 402
REJECTED = frozenset({BAD_REQUEST, 413, 422})
"""They are about this request, so the next one may fare better."""
TRY_AGAIN = frozenset({408, 409, 425, 429})
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderError:
    """What a provider said instead of an answer. `text` may quote people: it is searched, never shown.

    `status` is 0 where the error came within a stream.
    """

    status: int
    code: str = ""
    kind: str = ""
    parameter: str = ""
    text: str = ""
    retry_after: timedelta | None = None

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.code, self.kind})

    @property
    def fact(self) -> str:
        """For the log: status, code and type, shortened and cleaned."""
        status = f"status {self.status}" if self.status else "error in the stream"
        return " ".join(
            [status, *(short for name in (self.code, self.kind) if (short := _short(name)))]
        )


class RequestRefused(Exception):  # noqa: N818 - reads as what it says
    """The server answered with a status that is no success."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error.fact)
        self.error = error


def provider_error_in(
    error: object, *, status: int = 0, retry_after: timedelta | None = None
) -> ProviderError:
    """Read an error object of any make; what it lacks stays empty."""
    body = read_as(ErrorBody, error) or ErrorBody()
    return ProviderError(
        status=status,
        code=_text(body.code),
        kind=_text(body.type),
        parameter=_text(body.param),
        text=_text(body.message) if body.message else _text(error),
        retry_after=retry_after,
    )


def failure_of(error: ProviderError) -> ModelFailure:
    """The error as one of our failures."""
    for names, failure in (
        (FILTERED, ModelDeclined),
        (OUT_OF_FUNDS, ModelOutOfFunds),
        (TOO_LONG, PromptTooLong),
    ):
        if error.names & names:
            return failure(error.fact)
    return _failure_by_status(error)


def _failure_by_status(error: ProviderError) -> ModelFailure:
    status = error.status
    if status == BAD_REQUEST and TOO_LONG_IN_WORDS.search(error.text):
        return PromptTooLong(error.fact)
    if status == PAYMENT_REQUIRED:
        return ModelOutOfFunds(error.fact)
    if status in {0, *REJECTED} and error.names & WRONG_KEY:
        return ModelMisconfigured(error.fact)
    if status in REJECTED or (status == 0 and BAD_REQUEST_IN_WORDS in error.names):
        return ModelRejected(error.fact)
    if status == 0 or status in TRY_AGAIN or status >= SERVER_ERROR:
        return ModelUnavailable(error.fact, retry_after=error.retry_after)
    return ModelMisconfigured(error.fact)


def retry_after_in(header: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for: seconds or an HTTP date; nonsense asks for nothing (RFC 9110)."""
    if not header:
        return None
    try:
        pause = timedelta(seconds=float(header))
    except (ValueError, OverflowError):
        pause = _until(header, now)
    return pause if pause >= timedelta() else None


def _until(header: str, now: datetime) -> timedelta:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return timedelta(-1)
    return moment.replace(tzinfo=moment.tzinfo or UTC) - now


def _short(name: str) -> str:
    return NOT_A_NAME.sub("", name)[:LONGEST_NAME]


def _text(value: object) -> str:
    try:
        return "" if value is None else str(value)[:2000]
    except RecursionError:  # JSON may be nested deeper than Python can print
        return ""
