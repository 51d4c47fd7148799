"""What a provider says instead of an answer, and which of our failures it is.

What codes and sentences mean stands in `error_codes`; where neither decides, the status does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import cast

from adapters.openai.error_codes import SAYS_LITTLE, meaning_of_name, meaning_of_sentence
from adapters.openai.protocol import is_web_page
from adapters.openai.token_numbers import TokenNumbers, token_numbers_in
from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)

LONGEST_TEXT = 4000
"""Characters of a provider's words that are searched."""
LONGEST_NAME = 48
MOST_WORDS = 2
"""Of a code; more are a sentence."""
NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.\-]")
CODE_IN_TEXT = re.compile(r"""["'](?:code|type)["']\s*:\s*["']?([A-Za-z0-9_.]{3,60})""")
"""Gateways put the error of the server behind them into their own sentence."""

LARGER_THAN_A_RATE = re.compile("request too large", re.IGNORECASE)
"""A rate of tokens a minute is a limit of one request too; no pause helps against that."""

CERTAIN = (ModelDeclined, ModelOutOfFunds, ModelGone, PromptTooLong)
"""These hold whatever the status is: services send them with 400, 403, 404, 429, 500 and 200."""
BY_STATUS: Mapping[int, type[ModelFailure]] = {
    400: ModelRejected,
    402: ModelOutOfFunds,
    408: ModelUnavailable,
    409: ModelUnavailable,
    413: PromptTooLong,
    421: ModelDeclined,
    422: ModelRejected,
    423: ModelUnavailable,
    424: ModelUnavailable,
    425: ModelUnavailable,
    429: ModelUnavailable,
    499: ModelUnavailable,
}
BAD_REQUEST = 400
SERVER_ERROR = 500
LAST_STATUS = 599

NESTED = ("error", "errors", "Error", "Response", "header", "base_resp")
MESSAGE_KEYS = (
    "message",
    "msg",
    "error_msg",
    "errmsg",
    "status_msg",
    "error_description",
    "errorMsg",
    "errorMessage",
    "Message",
)
CODE_KEYS = ("code", "error_code", "errcode", "errorCode", "status_code", "Code", "status")
DEEPEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderError:
    """What a provider said instead of an answer. `text` may quote people: it is searched, never shown.

    `status` is 0 where the error came with status 200 or within a stream. `names` are codes and types,
    `parameters` those that it names in a field of their own.
    """

    status: int
    names: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    text: str = ""
    retry_after: timedelta | None = None

    @property
    def numbers(self) -> TokenNumbers:
        return token_numbers_in(self.text)

    @property
    def fact(self) -> str:
        """For the log: status, code, type, parameter and numbers of tokens, cleaned; none of its words."""
        status = f"status {self.status}" if self.status else "error in the answer"
        names = [short for name in self.names if (short := _short(name))]
        named = [f"param {short}" for name in self.parameters[:3] if (short := _short(name))]
        return " ".join([status, *dict.fromkeys(names), *named, *self.numbers.facts])


class RequestRefused(Exception):  # noqa: N818 - reads as what it says
    """The server answered with an error in place of an answer."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error.fact)
        self.error = error


def provider_error_in(
    body: object, *, status: int = 0, retry_after: timedelta | None = None
) -> ProviderError:
    """Read an error of any make; what it lacks stays empty.

    The words of a web page are those of a proxy, a gateway or a firewall, so they say nothing.
    """
    found = _Found([], [], [])
    if not (isinstance(body, str) and is_web_page(body.encode(errors="replace"))):
        _read(body, found, depth=0)
    text = " ".join(found.texts)[:LONGEST_TEXT]
    # A sentence may quote people, so only codes that are known are taken out of it.
    quoted = [name for name in CODE_IN_TEXT.findall(text) if meaning_of_name(name)]
    names = [*found.names, *quoted]
    return ProviderError(
        status=status,
        names=tuple(dict.fromkeys(names)),
        parameters=tuple(dict.fromkeys(found.parameters)),
        text=text,
        retry_after=retry_after,
    )


def failure_of(error: ProviderError) -> ModelFailure:
    """The error as one of our failures."""
    kind = _kind_of(error)
    if kind is ModelUnavailable:
        return ModelUnavailable(error.fact, retry_after=error.retry_after)
    if kind is PromptTooLong:
        numbers = error.numbers
        return PromptTooLong(error.fact, context=numbers.context or numbers.longest_prompt)
    return kind(error.fact)


def _kind_of(error: ProviderError) -> type[ModelFailure]:
    by_name = [kind for name in error.names if (kind := meaning_of_name(name))]
    by_sentence = meaning_of_sentence(error.text)
    if by_sentence is PromptTooLong and LARGER_THAN_A_RATE.search(error.text):
        return PromptTooLong
    told = (name for name in error.names if name.casefold() not in SAYS_LITTLE)
    limited = ModelUnavailable in map(meaning_of_name, told) or by_sentence is ModelUnavailable
    for kind in CERTAIN:
        # "You exceeded your quota" is also what a rate limit of tokens a minute says.
        if kind in by_name and not (kind is ModelOutOfFunds and by_sentence is ModelUnavailable):
            return kind
    if by_sentence in CERTAIN and not limited:
        return cast("type[ModelFailure]", by_sentence)
    status = error.status or _status_among(error.names)
    return _kind_by_status(status, by_name, by_sentence)


def _kind_by_status(
    status: int, by_name: list[type[ModelFailure]], by_sentence: type[ModelFailure] | None
) -> type[ModelFailure]:
    """Where nothing certain is said: the request is at fault, the settings are, or it may pass."""
    given = BY_STATUS.get(status)
    if given is not None and given is not ModelRejected:
        return given
    for kind in (ModelMisconfigured, ModelUnavailable):
        if kind in by_name:
            return kind
    if status >= SERVER_ERROR:
        return ModelUnavailable
    if given is None and status:
        return ModelMisconfigured
    if by_sentence is not None:
        return by_sentence
    return ModelRejected if given or ModelRejected in by_name else ModelUnavailable


def _status_among(names: tuple[str, ...]) -> int:
    """Some tell the status they mean in the body only."""
    numbers = (int(name) for name in names if name.isascii() and name.isdigit() and len(name) == 3)  # noqa: PLR2004 - digits of a status
    return next((one for one in numbers if BAD_REQUEST <= one <= LAST_STATUS), 0)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was gathered from an error body."""

    names: list[str]
    parameters: list[str]
    texts: list[str]


def _read(body: object, found: _Found, *, depth: int) -> None:
    if depth > DEEPEST:
        return
    if isinstance(body, list):
        for one in body[:5]:
            _read(one, found, depth=depth + 1)
    elif isinstance(body, Mapping):
        _read_mapping(body, found, depth=depth)
    elif isinstance(body, str):
        found.texts.append(body[:LONGEST_TEXT])


def _read_mapping(body: Mapping[object, object], found: _Found, *, depth: int) -> None:
    for key in NESTED:
        if body.get(key):
            _read(body[key], found, depth=depth + 1)
    is_minimax = "status_msg" in body and "status_code" in body
    for key in (*CODE_KEYS, "type"):
        if not (name := _name(body.get(key))) or name == "error":
            continue
        if _is_prose(name):
            found.texts.append(name)
        else:
            found.names.append(f"minimax.{name}" if is_minimax else name)
    for key in MESSAGE_KEYS:
        # Mistral puts its list of mistakes there.
        _read(body.get(key), found, depth=depth + 1)
    if isinstance(param := body.get("param"), str) and not _is_prose(param):
        found.parameters.append(param)
    _read_detail(body.get("detail"), found, depth=depth)
    # Azure tells which filter it was within, OpenRouter what the server behind it said.
    for key in ("innererror", "metadata"):
        if isinstance(inner := body.get(key), Mapping):
            _read(inner, found, depth=depth + 1)
            _read(inner.get("raw"), found, depth=depth + 1)


def _read_detail(detail: object, found: _Found, *, depth: int) -> None:
    """FastAPI: a sentence, or a list of mistakes, each with the place where it was made."""
    _read(detail, found, depth=depth + 1)
    for one in detail[:5] if isinstance(detail, list) else ():
        location = one.get("loc") if isinstance(one, Mapping) else None
        if isinstance(location, list):
            found.parameters.extend(
                part for part in location if isinstance(part, str) and part != "body"
            )


def _name(value: object) -> str:
    """A code or a type; booleans, lists and the code of success are none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    name = str(value) if not isinstance(value, int) or abs(value) < 10**9 else ""
    return "" if name in {"0", "200"} else name[:200]


def _is_prose(name: str) -> bool:
    """xAI and others put sentences where a code belongs."""
    return len(name.split()) > MOST_WORDS


def retry_after_in(header: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for: seconds or an HTTP date; nonsense asks for nothing (RFC 9110)."""
    if not header:
        return None
    try:
        pause = timedelta(seconds=float(header))
    except (ValueError, OverflowError):
        pause = _until(header, now)
    return pause if pause >= timedelta() else None


def retry_after_ms_in(header: str | None) -> timedelta | None:
    """What OpenAI and Azure ask for more precisely: milliseconds; nonsense asks for nothing."""
    try:
        pause = timedelta(milliseconds=float(header or ""))
    except (ValueError, OverflowError):
        return None
    return pause if pause >= timedelta() else None


def _until(header: str, now: datetime) -> timedelta:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return timedelta(-1)
    return moment.replace(tzinfo=moment.tzinfo or UTC) - now


def _short(name: str) -> str:
    return NOT_A_NAME.sub("", name)[:LONGEST_NAME]
