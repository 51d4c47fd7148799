"""What the gateway's answers mean, and where a ticket may lead."""

import json
from collections.abc import Callable

import httpx
import pytest

from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.stream.frames import CARD_CALLBACKS, ROBOT_MESSAGES
from adapters.dingtalk.stream.gateway import (
    GatewayRefused,
    GatewayUnavailable,
    StreamGateway,
    Ticket,
)

CREDENTIALS = Credentials(client_id="dingfirst", client_secret="the-secret")
API = "https://api.dingtalk.com"
TICKET = {"endpoint": "wss://wss-open-connection.dingtalk.com:443/connect", "ticket": "a b/c+d&e=1"}

Respond = Callable[[httpx.Request], httpx.Response]


async def ticket(respond: Respond, api_url: str = API) -> Ticket:
    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as client:
        gateway = StreamGateway(client, httpx.URL(api_url))
        return await gateway.ticket_for(CREDENTIALS, [ROBOT_MESSAGES, CARD_CALLBACKS])


def answer(status: int, body: object, **headers: str) -> httpx.Response:
    content = httpx.ByteStream(json.dumps(body).encode())
    return httpx.Response(status, stream=content, headers=headers)


def always(status: int, body: object) -> Respond:
    return lambda _: answer(status, body)


@pytest.mark.anyio
async def test_a_ticket_is_asked_for_as_documented() -> None:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer(200, TICKET)

    await ticket(respond)

    body = json.loads(asked[0].content)
    assert asked[0].url == f"{API}/v1.0/gateway/connections/open"
    assert (body["clientId"], body["clientSecret"]) == ("dingfirst", "the-secret")
    assert body["subscriptions"] == [
        {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"},
        {"type": "CALLBACK", "topic": "/v1.0/card/instances/callback"},
    ]


@pytest.mark.anyio
async def test_a_ticket_is_encoded_into_the_address() -> None:
    got = await ticket(always(200, TICKET))

    assert got.address == f"{TICKET['endpoint']}?ticket=a%20b%2Fc%2Bd%26e%3D1"


@pytest.mark.anyio
async def test_a_ticket_is_not_shown_by_chance() -> None:
    got = await ticket(always(200, TICKET))

    assert "ticket=" not in f"{got!r}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "endpoint",
    [
        "ws://wss-open-connection.dingtalk.com/connect",
        "http://wss-open-connection.dingtalk.com/connect",
        "https://wss-open-connection.dingtalk.com/connect",
        "wss://host:port/connect",
        "wss://xn--/connect",
        "file:///etc/passwd",
        "wss://user:password@wss-open-connection.dingtalk.com/connect",
        "wss://wss-open-connection.dingtalk.com/connect?to=x",
        "wss://wss-open-connection.dingtalk.com/connect#x",
        "wss:///connect",
        "connect",
        "wss://钉钉.example/connect",
        "wss://host/" + "x" * 2048,
    ],
)
async def test_an_endpoint_in_the_clear_or_with_more_than_a_place_is_refused(endpoint: str) -> None:
    with pytest.raises(GatewayRefused):
        await ticket(always(200, {**TICKET, "endpoint": endpoint}))


@pytest.mark.anyio
async def test_where_dingtalk_itself_is_reached_in_the_clear_a_websocket_may_be_so() -> None:
    endpoint = "ws://127.0.0.1:1234/connect"

    got = await ticket(always(200, {**TICKET, "endpoint": endpoint}), "http://127.0.0.1:1234")

    assert got.address.startswith(f"{endpoint}?ticket=")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"code": "invalidClientIdOrSecret"}),
        (401, {"Code": "unauthorized"}),
        (403, {"code": "Forbidden.AccessDenied.IpNotInWhiteList"}),
        (400, []),
    ],
)
async def test_a_refusal_is_one_that_only_a_person_can_change(status: int, body: object) -> None:
    with pytest.raises(GatewayRefused, match=f"HTTP {status}"):
        await ticket(always(status, body))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}),
        (404, {}),
        (429, {}),
        (500, {}),
        (503, {"code": "system.busy"}),
        (302, {}),
        (200, {}),
        (200, {"endpoint": "wss://x/connect"}),
        (200, {"endpoint": 1, "ticket": 2}),
        (200, "endpoint"),
    ],
)
async def test_anything_else_may_be_better_later(status: int, body: object) -> None:
    with pytest.raises(GatewayUnavailable):
        await ticket(always(status, body))


@pytest.mark.anyio
async def test_no_error_holds_the_secret_or_the_ticket() -> None:
    def break_off(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(request.content.decode())

    for respond in (break_off, always(200, {**TICKET, "endpoint": "ws://x/"}), always(400, TICKET)):
        with pytest.raises((GatewayRefused, GatewayUnavailable)) as raised:
            await ticket(respond)

        assert "the-secret" not in str(raised.value)
        assert TICKET["ticket"] not in str(raised.value)


@pytest.mark.anyio
async def test_a_gateway_that_says_when_to_come_back_is_listened_to() -> None:
    def busy(_: httpx.Request) -> httpx.Response:
        return answer(503, {}, **{"retry-after": "30"})

    with pytest.raises(GatewayUnavailable) as raised:
        await ticket(busy)

    assert raised.value.retry_after is not None
    assert raised.value.retry_after.total_seconds() == 30
