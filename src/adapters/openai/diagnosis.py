"""Why a provider gave no answer, as precisely as its failure tells: the key, the address, the network ...

Importing it imports the SDK, as with the client. Nothing is asked here: it reads the exceptions that a
failure came from.
"""

import re
import socket
import ssl
from collections.abc import Iterator
from enum import Enum
from http import HTTPStatus

import aiohttp
import httpx2
import openai

from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelGone,
    ModelOutOfFunds,
    ModelTimedOut,
    OnlyThoughts,
    PromptTooLong,
    ThinkingUsedUpLimit,
)


class Cause(Enum):
    """What an operator can do something about, each in its own way."""

    KEY = "key"
    PERMISSION = "permission"
    FUNDS = "funds"
    MODEL = "model"
    ADDRESS = "address"
    RATE_LIMIT = "rate_limit"
    REQUEST = "request"
    TOO_LONG = "too_long"
    DECLINED = "declined"
    SERVER = "server"
    NAME = "name"
    NOT_LISTENING = "not_listening"
    TLS = "tls"
    PROXY = "proxy"
    TIMEOUT = "timeout"
    DISCONNECTED = "disconnected"
    THINKING = "thinking"
    ONLY_THOUGHTS = "only_thoughts"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


BY_KIND: dict[type[ModelFailure], Cause] = {
    ModelOutOfFunds: Cause.FUNDS,
    ModelGone: Cause.MODEL,
    ModelDeclined: Cause.DECLINED,
    PromptTooLong: Cause.TOO_LONG,
    ModelTimedOut: Cause.TIMEOUT,
    ThinkingUsedUpLimit: Cause.THINKING,
    OnlyThoughts: Cause.ONLY_THOUGHTS,
    ModelGaveNothing: Cause.EMPTY,
}
"""Failures that say by themselves what it is."""

BY_STATUS: dict[int, Cause] = {
    HTTPStatus.UNAUTHORIZED: Cause.KEY,
    HTTPStatus.PAYMENT_REQUIRED: Cause.FUNDS,
    HTTPStatus.FORBIDDEN: Cause.PERMISSION,
    HTTPStatus.METHOD_NOT_ALLOWED: Cause.ADDRESS,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: Cause.PROXY,
    HTTPStatus.TOO_MANY_REQUESTS: Cause.RATE_LIMIT,
}

STATUS = re.compile(r"^status (\d{3})\b")
"""How a failure's fact begins where a status came."""
ERROR_IN_ANSWER = re.compile(r"^error in the answer\b")
"""The same where a success held an error in place of an answer."""

WRONG_KEY = re.compile(r"invalid_api_key|invalid api[ _-]?key|authentication_error", re.IGNORECASE)
ABOUT_A_MODEL = re.compile(r"\bmodel|deployment|模型", re.IGNORECASE)
NO_SUCH_ROUTE = re.compile(r"invalid url|no route|no such route", re.IGNORECASE)
REDIRECTS = range(300, 400)
SERVER_ERRORS = range(500, 600)

PROXY_ERRORS = (
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientHttpProxyError,
    httpx2.ProxyError,
)
TIMEOUTS = (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException)
DISCONNECTIONS = (
    ConnectionError,
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientPayloadError,
    httpx2.RemoteProtocolError,
    httpx2.ReadError,
    EOFError,
)


def cause_of(failure: ModelFailure, *, through_proxy: bool = False) -> Cause:
    """The cause of a failure; `through_proxy` says whether a proxy stood between us and the provider."""
    if (cause := BY_KIND.get(type(failure))) is not None:
        return cause
    chain = tuple(_chain(failure))
    if (status := _status_in(chain)) is not None:
        return _by_status(status, _text_of(chain))
    if ERROR_IN_ANSWER.match(str(failure)):
        return Cause.KEY if WRONG_KEY.search(_text_of(chain)) else Cause.SERVER
    return _by_network(chain, through_proxy=through_proxy) or (
        Cause.DISCONNECTED if isinstance(failure, ModelCutOff) else Cause.UNREADABLE
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that this one came from, this one first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _status_in(chain: tuple[BaseException, ...]) -> int | None:
    for error in chain:
        if isinstance(error, openai.APIStatusError):
            return error.status_code
    found = STATUS.match(str(chain[0]))
    return int(found[1]) if found else None


def _text_of(chain: tuple[BaseException, ...]) -> str:
    """What the provider said, to be searched and never shown."""
    bodies = (error.body for error in chain if isinstance(error, openai.APIError))
    return " ".join([str(chain[0]), *(str(body)[:4000] for body in bodies)])


def _by_status(status: int, text: str) -> Cause:
    if status == HTTPStatus.NOT_FOUND:
        is_about_model = ABOUT_A_MODEL.search(text) and not NO_SUCH_ROUTE.search(text)
        return Cause.MODEL if is_about_model else Cause.ADDRESS
    if status in SERVER_ERRORS:
        return Cause.SERVER
    if status in REDIRECTS:
        return Cause.ADDRESS
    if status == HTTPStatus.BAD_REQUEST and WRONG_KEY.search(text):
        return Cause.KEY
    return BY_STATUS.get(status, Cause.REQUEST)


def _by_network(chain: tuple[BaseException, ...], *, through_proxy: bool) -> Cause | None:
    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(error, kinds) for error in chain)

    if has(*PROXY_ERRORS):
        return Cause.PROXY
    if has(ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError):
        return Cause.TLS
    # The transports call every failed connection a timeout, so that comes last.
    causes = (
        (Cause.NAME, (socket.gaierror, aiohttp.ClientConnectorDNSError)),
        (Cause.NOT_LISTENING, (ConnectionRefusedError,)),
        (Cause.DISCONNECTED, DISCONNECTIONS),
        (Cause.TIMEOUT, TIMEOUTS),
    )
    found = next((cause for cause, kinds in causes if has(*kinds)), None)
    if through_proxy and found in {Cause.NAME, Cause.NOT_LISTENING}:
        return Cause.PROXY  # the only host that is connected to
    if found is None and has(OSError):
        return Cause.NOT_LISTENING
    return found
