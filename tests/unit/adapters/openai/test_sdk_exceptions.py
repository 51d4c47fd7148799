"""Whatever the SDK raises, today's and tomorrow's, leaves as one of our failures."""

import inspect
import ssl
from contextlib import suppress

import aiohttp
import httpx2
import openai
import pytest
from aiohttp.http_exceptions import BadHttpMessage

from adapters.openai.errors import RequestRefused, failure_of
from adapters.openai.transport import in_our_words
from application.errors import ModelFailure, ModelMisconfigured, ModelUnavailable

SECRET = "sk-secret-4711"
REQUEST = httpx2.Request("POST", f"https://model.test/v1?key={SECRET}")


NEVER_MET = (httpx2.CookieConflict,)
"""Raised only to who looks up a cookie by an ambiguous name."""


def exceptions_in(module: object) -> list[type[Exception]]:
    found = {
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Exception) and not issubclass(member, (Warning, *NEVER_MET))
    }
    return sorted(found, key=lambda one: one.__name__)


def made(kind: type[Exception]) -> Exception:
    """One of that kind, with a secret wherever it takes words."""
    response = httpx2.Response(getattr(kind, "status_code", 418), request=REQUEST)
    attempts: list[dict[str, object]] = [
        {"message": SECRET, "response": response, "body": {"message": SECRET, "code": "x"}},
        {"response": response, "body": {"message": SECRET}},
        {"message": SECRET, "request": REQUEST, "body": {"message": SECRET}},
        {"message": SECRET, "request": REQUEST},
        {"request": REQUEST},
        {"message": SECRET, "unsent_messages": []},
        {"message": SECRET},
        {"completion": None},
    ]
    for arguments in attempts:
        with suppress(TypeError, AttributeError):
            return kind(**arguments)
    with suppress(TypeError):
        return kind(SECRET)
    error = kind.__new__(kind)
    error.args = (SECRET,)
    return error


def outcome_of(error: Exception) -> ModelFailure:
    try:
        with in_our_words():
            raise error
    except RequestRefused as refusal:
        return failure_of(refusal.error)
    except ModelFailure as failure:
        return failure


@pytest.mark.parametrize("kind", exceptions_in(openai), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_sdk_leaves_as_ours(kind: type[Exception]) -> None:
    failure = outcome_of(made(kind))

    assert SECRET not in f"{failure} {failure!r}"


@pytest.mark.parametrize("kind", exceptions_in(httpx2), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_transport_leaves_as_ours(kind: type[Exception]) -> None:
    failure = outcome_of(made(kind))

    assert SECRET not in f"{failure} {failure!r}"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (openai.APIConnectionError(request=REQUEST), ModelUnavailable),
        (openai.APITimeoutError(request=REQUEST), ModelUnavailable),
        (httpx2.ReadError(SECRET), ModelUnavailable),
        (httpx2.DecodingError(SECRET), ModelUnavailable),
        (aiohttp.ClientPayloadError(SECRET), ModelUnavailable),
        (BadHttpMessage(SECRET), ModelUnavailable),
        (ssl.SSLError(SECRET), ModelUnavailable),
        (ConnectionResetError(SECRET), ModelUnavailable),
        (TimeoutError(SECRET), ModelUnavailable),
        (openai.OpenAIError(SECRET), ModelMisconfigured),
        (UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET), ModelMisconfigured),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_what_may_pass_is_told_from_what_must_be_mended(
    error: Exception, expected: type[ModelFailure]
) -> None:
    failure = outcome_of(error)

    assert type(failure) is expected
    assert SECRET not in str(failure)


def test_a_mistake_of_our_own_is_not_blamed_on_the_provider() -> None:
    with pytest.raises(ZeroDivisionError), in_our_words():
        raise ZeroDivisionError
