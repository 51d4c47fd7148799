"""The gateway of stream mode: credentials in, an address with a ticket out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from urllib.parse import quote

import httpx

from adapters.dingtalk.outbound.access_tokens import Credentials, below
from adapters.dingtalk.outbound.errcodes import api_code
from adapters.dingtalk.outbound.exchange import Answer, NoAnswer, posted
from adapters.dingtalk.outside_url import outside_url
from adapters.dingtalk.stream.frames import CALLBACK
from adapters.dingtalk.stream.timings import TIMINGS, Timings

_OPEN = "/v1.0/gateway/connections/open"
_LONGEST = 2048


class GatewayUnavailable(Exception):  # noqa: N818 - reads as what it says
    """No connection now; perhaps later. Holds facts and no address."""

    def __init__(self, fact: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(fact)
        self.retry_after = retry_after


class GatewayRefused(Exception):  # noqa: N818 - reads as what it says
    """DingTalk does not let this robot connect, until somebody changes something."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Opens one websocket, once, within 90 seconds."""

    address: str = field(repr=False)


class StreamGateway:
    """`POST /v1.0/gateway/connections/open`."""

    def __init__(
        self, client: httpx.AsyncClient, api_url: httpx.URL, *, timings: Timings = TIMINGS
    ) -> None:
        self._client = client
        self._url = below(api_url, _OPEN)
        self._deadline = timings.opening

    async def ticket_for(self, credentials: Credentials, topics: Iterable[str]) -> Ticket:
        """A ticket for one websocket that brings these topics.

        Raises:
            GatewayUnavailable: try again later.
            GatewayRefused: the credentials or the app's settings have to be mended first.
        """
        request = {
            "clientId": credentials.client_id,
            "clientSecret": credentials.client_secret,
            "subscriptions": [{"type": CALLBACK, "topic": topic} for topic in topics],
            "ua": f"chatgpt-dingtalk/{version('chatgpt-dingtalk')}",
        }
        try:
            answer = await posted(self._client, self._url, request, deadline=self._deadline)
        except NoAnswer as error:
            raise GatewayUnavailable(f"no answer: {error}") from error
        _check(answer)
        return Ticket(_address(answer.body or {}, may_be_plain=self._url.scheme == "http"))


def _check(answer: Answer) -> None:
    if answer.is_success:
        return
    fact = f"HTTP {answer.status}, {api_code(answer.body or {})}".removesuffix(", ")
    if answer.status in {400, 401, 403} and ".Qps" not in fact:
        raise GatewayRefused(fact)
    raise GatewayUnavailable(fact, retry_after=answer.retry_after)


def _address(body: Mapping[str, object], *, may_be_plain: bool) -> str:
    """Endpoint and ticket as one address.

    The endpoint is DingTalk's word, and still nothing that opens a line in the clear where DingTalk itself is
    reached by TLS, or that brings its own login, query or fragment.
    """
    endpoint, ticket = body.get("endpoint"), body.get("ticket")
    if not (isinstance(endpoint, str) and isinstance(ticket, str) and endpoint and ticket):
        raise GatewayUnavailable("an answer without endpoint and ticket")
    url = outside_url(endpoint)
    schemes = {"wss", "ws"} if may_be_plain else {"wss"}
    if url is None or url.scheme not in schemes or "?" in endpoint:
        raise GatewayRefused("the endpoint is not an address that may be connected to")
    return f"{endpoint}?ticket={quote(ticket, safe='')}"
