"""Access tokens, each fetched once for all who need it."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from adapters.dingtalk.outbound.errcodes import api_code
from adapters.dingtalk.outbound.exchange import NoAnswer, posted
from application.ports import Clock

_EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a robot shows to get an access token. Its client id is also its robot code."""

    client_id: str
    client_secret: str = field(repr=False)


class TokenUnavailable(Exception):  # noqa: N818 - reads as what it says
    """No token now; perhaps later."""


class TokenRefused(Exception):  # noqa: N818 - reads as what it says
    """DingTalk does not accept the credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    text: str = field(repr=False)
    renew_at: datetime


class TokenCache(ABC):
    """Remembers each token until shortly before it ends; an heir knows how to get one."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._tokens: dict[Credentials, Token] = {}
        self._fetches: dict[Credentials, asyncio.Task[Token]] = {}

    @abstractmethod
    async def fetched(self, credentials: Credentials) -> Token:
        """A new token, with what `token_for` raises."""

    async def token_for(self, credentials: Credentials) -> str:
        """A token that is accepted now; all who ask at once share one request and its outcome.

        Raises:
            TokenUnavailable: try again later.
            TokenRefused: the credentials are wrong.
        """
        token = self._tokens.get(credentials)
        if token is not None and self.clock.now() < token.renew_at:
            return token.text
        fetch = self._fetches.get(credentials)
        if fetch is None:
            fetch = asyncio.create_task(self.fetched(credentials))
            self._fetches[credentials] = fetch
            fetch.add_done_callback(lambda done: self._keep(credentials, done))
        # One caller that gives up must not take the token from the others.
        return (await asyncio.shield(fetch)).text

    def forget(self, credentials: Credentials, token: str) -> None:
        """That token was not accepted. A newer one is kept."""
        known = self._tokens.get(credentials)
        if known is not None and known.text == token:
            del self._tokens[credentials]

    def _keep(self, credentials: Credentials, fetch: asyncio.Task[Token]) -> None:
        del self._fetches[credentials]
        if not fetch.cancelled() and fetch.exception() is None:
            self._tokens[credentials] = fetch.result()


class AccessTokens(TokenCache):
    """Those of the OpenAPI: `POST /v1.0/oauth2/accessToken`, for 7200 s each."""

    def __init__(self, client: httpx.AsyncClient, api_url: httpx.URL, clock: Clock) -> None:
        super().__init__(clock)
        self._client = client
        self._url = below(api_url, "/v1.0/oauth2/accessToken")

    async def fetched(self, credentials: Credentials) -> Token:
        asked_at = self.clock.now()
        keys = {"appKey": credentials.client_id, "appSecret": credentials.client_secret}
        try:
            answer = await posted(self._client, self._url, keys)
        except NoAnswer as error:
            raise TokenUnavailable(str(error)) from error
        body = answer.body or {}
        token = body.get("accessToken")
        if answer.is_success and isinstance(token, str) and token:
            return Token(text=token, renew_at=asked_at + usable(body.get("expireIn")))
        fact = f"HTTP {answer.status}, {api_code(body)}"
        if answer.status in {400, 401, 403} and ".Qps" not in fact:
            raise TokenRefused(fact)
        raise TokenUnavailable(fact)


def below(api_url: httpx.URL, path: str) -> httpx.URL:
    """A method's address; a deployment may have its interfaces below a path of their own."""
    return api_url.copy_with(raw_path=api_url.raw_path.rstrip(b"/") + path.encode())


def usable(seconds: object) -> timedelta:
    """How long a token is used: until a little before its end, as both ends have their clocks."""
    life = timedelta(seconds=seconds if isinstance(seconds, int) and 0 < seconds < 10**6 else 0)
    return max(life - _EARLY, life / 2)
