"""The models that a server offers, by `GET {base_url}/models`.

OpenAI documents `data[].id` with `shutdown_date` (YYYY-MM-DD or null). Ollama's own route says
`models[].name`, Together answers with a bare list, Mistral dates `deprecation`, OpenRouter
`expiration_date`, Ark has `status: Retiring` and `Shutdown`. Long lists come in pages.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode, urljoin, urlsplit

from adapters.openai.billing import Fetch
from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from adapters.openai.urls import openai_urls
from application.errors import ModelUnavailable
from domain.model_availability import ListedModel

LARGEST_LIST = 16 * 1024 * 1024
"""Bytes of a page. Lists with descriptions and prices of some hundred models have one or two million."""

MOST_PAGES = 50
MOST_MODELS = 20_000
LONGEST_NAME = 200
TIMEOUT = timedelta(seconds=20)
"""For all pages together."""

NAME_KEYS = ("id", "name", "model")
LIST_KEYS = ("data", "models", "items", "result")
SHUTDOWN_KEYS = (
    "shutdown_date",
    "deprecation_date",
    "expiration_date",
    "retirement_date",
    "sunset_date",
    "deprecation",
    "deprecated_at",
)
ENDED = frozenset({"shutdown", "retired", "deprecated", "retiring"})
"""Words for the state of a model that ends; what it means for today a date says better."""

MILLISECONDS_FROM = 100_000_000_000
"""A moment that is greater is not told in seconds."""


class OpenAIModelList:
    """Satisfies `application.ports.ModelList`. Each look is a visit: it holds nothing open."""

    def __init__(
        self, endpoint: OpenAIEndpoint, options: ConnectionOptions, *, timeout: timedelta = TIMEOUT
    ) -> None:
        self._endpoint = endpoint
        self._options = options
        self._timeout = timeout

    @property
    def url(self) -> str:
        return openai_urls(self._endpoint).models

    async def listed(self) -> tuple[ListedModel, ...] | None:
        # The first visit imports the SDK, which takes a while.
        visit = await asyncio.to_thread(_visit, self._endpoint, self._options)
        found: dict[str, ListedModel] = {}
        try:
            async with (
                asyncio.timeout(self._timeout.total_seconds()),
                visit as fetch,
                aclosing(_pages(self.url, fetch)) as pages,
            ):
                async for page in pages:
                    if page is None:
                        return None
                    for one in models_on(page):
                        found.setdefault(one.name, one)
        except TimeoutError as error:
            raise ModelUnavailable("time is up while reading the list of models") from error
        return tuple(found.values())


def _visit(
    endpoint: OpenAIEndpoint, options: ConnectionOptions
) -> AbstractAsyncContextManager[Fetch]:
    from adapters.openai.http_get import http_get  # noqa: PLC0415 - imports the SDK, see `connection`

    return http_get(endpoint, options, longest=LARGEST_LIST, refusals_raise=True)


async def _pages(address: str, fetch: Fetch) -> AsyncGenerator[object | None]:
    """Every page as JSON; None where there is no list, or one without an end."""
    url, seen = address, set[str]()
    while url not in seen:
        seen.add(url)
        raw = await fetch(url)
        page = _json(raw)
        if not _is_list(page) or len(seen) > MOST_PAGES:
            yield None
            return
        yield page
        url = _next_page(page, url, address)


def _json(raw: bytes | None) -> object:
    try:
        return None if raw is None else json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _is_list(page: object) -> bool:
    return isinstance(page, list) or (
        isinstance(page, Mapping) and any(isinstance(page.get(key), list) for key in LIST_KEYS)
    )


def _next_page(page: object, url: str, address: str) -> str:
    """The address of the page after this one; the same address where it is the last.

    Whatever a server names, the key goes to no other origin.
    """
    if not isinstance(page, Mapping):
        return url
    last, token = page.get("last_id"), page.get("nextPageToken") or page.get("next_page_token")
    if page.get("has_more") is True and isinstance(last, str) and last:
        # OpenAI calls the cursor `after`, Anthropic `after_id`; each passes over the other's.
        return f"{address}?{urlencode({'after': last, 'after_id': last})}"
    if isinstance(token, str) and token:
        return f"{address}?{urlencode({'pageToken': token, 'page_token': token})}"
    following = page.get("next")
    if isinstance(following, str) and following:
        there = urljoin(address, following)
        return there if _origin(there) == _origin(address) else url
    return url


def _origin(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc


def models_on(page: object) -> Iterator[ListedModel]:
    """The models of one page, in its order; entries that cannot be read are left out."""
    entries = page if isinstance(page, list) else []
    if isinstance(page, Mapping):
        entries = next(page[key] for key in LIST_KEYS if isinstance(page.get(key), list))
    for entry in entries[:MOST_MODELS]:
        fields = {"id": entry} if isinstance(entry, str) else entry
        if isinstance(fields, Mapping) and (name := _name(fields)):
            yield ListedModel(
                name=name, shutdown=_shutdown(fields), is_deprecated=_is_deprecated(fields)
            )


def _name(fields: Mapping[str, object]) -> str:
    for key in NAME_KEYS:
        name = fields.get(key)
        if isinstance(name, str) and name.strip().isprintable() and len(name) <= LONGEST_NAME:
            return name.strip()
    return ""


def _shutdown(fields: Mapping[str, object]) -> date | None:
    days = (_day(fields.get(key)) for key in SHUTDOWN_KEYS)
    return next((day for day in days if day is not None), None)


def _day(told: object) -> date | None:
    """A date, or the beginning of a timestamp, or seconds since 1970 (of some servers milliseconds).

    Azure nests the day of each use of a model.
    """
    if isinstance(told, Mapping):
        return _day(told.get("inference") or told.get("shutdown_date") or told.get("date"))
    try:
        if isinstance(told, str):
            return date.fromisoformat(told.strip()[:10])
        if type(told) is int and told > 0:
            seconds = told / 1000 if told >= MILLISECONDS_FROM else told
            return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _is_deprecated(fields: Mapping[str, object]) -> bool:
    states = (fields.get(key) for key in ("status", "lifecycle_status"))
    return fields.get("deprecated") is True or any(
        isinstance(state, str) and state.lower() in ENDED for state in states
    )
