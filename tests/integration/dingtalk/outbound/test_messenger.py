"""The messenger against a DingTalk on the loopback."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from adapters.dingtalk.inbound.robots import Robots
from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.outbound.access_tokens import AccessTokens, Credentials
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.outbound.messenger import DingTalkMessenger
from adapters.dingtalk.outbound.openapi import OpenApiReplies
from adapters.dingtalk.outbound.origins import AllowedOrigins
from adapters.dingtalk.outbound.reply_permit import ReplyPermits
from adapters.dingtalk.outbound.webhook import WebhookReplies
from application.ports import Messenger
from application.wording import CHINESE
from dingtalk_simulator.endpoints.routes import ENDPOINTS, endpoint_route
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.state import make_person
from domain.message import GroupId, IncomingMessage, RobotId, Room, RoomKind, Webhook
from domain.reply import Busy, ReplyPart, SendResult, Sent, Undeliverable
from domain.sensitive_words import SensitiveWords
from tests.contracts.messenger import IN_GROUP, NOW, QUESTION, MessengerContract
from tests.fakes.clock import ManualClock
from tests.integration.dingtalk.outbound.dingtalk import (
    CLIENT_ID,
    CLOSE,
    GROUP,
    PRIVATE,
    RESET,
    SECRET,
    SESSION,
    TOKEN,
    Fault,
    answer,
    body_of,
    code,
    errcode,
    html,
    redirect,
    simulated_dingtalk,
    will,
)
from tests.strategies import find_by_looking

pytestmark = pytest.mark.anyio
PART = ReplyPart(title="好", text="好")


class House:
    """A messenger with all that it needs, and the DingTalk that it talks to."""

    def __init__(self, dingtalk: Simulator, client: httpx.AsyncClient) -> None:
        self.dingtalk = dingtalk
        self.clock = ManualClock(NOW)
        self.credentials: dict[RobotId, Credentials] = {}
        api_url = httpx.URL(dingtalk.origin)
        self.tokens = AccessTokens(client, api_url, self.clock)
        self.messenger = DingTalkMessenger(
            Layout(wording=lambda: CHINESE, words=lambda: SensitiveWords((), find_by_looking)),
            webhook=WebhookReplies(
                client,
                origins=AllowedOrigins.of([dingtalk.origin]),
                permits=ReplyPermits(Robots),
                clock=self.clock,
            ),
            openapi=OpenApiReplies(client, api_url, self.tokens),
            credentials_of=self.credentials.get,
        )

    def with_credentials(self) -> "House":
        return self.with_keys(SECRET)

    def with_keys(self, secret: str) -> "House":
        self.credentials[QUESTION.robot] = Credentials(client_id=CLIENT_ID, client_secret=secret)
        return self

    def asked(self, message: IncomingMessage = QUESTION, url: str | None = None) -> IncomingMessage:
        webhook = Webhook(
            url=self.dingtalk.webhook("s1", chat=message.room.id) if url is None else url,
            expires_at=NOW + timedelta(hours=1),
        )
        return replace(message, webhook=webhook)

    async def send(self, message: IncomingMessage, part: ReplyPart = PART) -> SendResult:
        return await self.messenger.send(part, message, key="key-1")


@pytest.fixture
async def house(dingtalk: Simulator) -> AsyncGenerator[House]:
    async with dingtalk_client(connections=50) as client:
        yield House(dingtalk, client)


class TestDingTalkMessenger(MessengerContract):
    @pytest.fixture
    def messenger(self, house: House) -> Messenger:
        self.house = house
        return house.messenger

    def question(self) -> IncomingMessage:
        return self.house.asked()

    def arrived(self) -> Sequence[str]:
        return [message.text for message in self.house.dingtalk.state.messages]

    def next_send_is(self, result: SendResult) -> None:
        will(self.house.dingtalk, SESSION, errcode(-1 if isinstance(result, Busy) else 310000))


async def test_a_group_reply_is_a_markdown_message_that_mentions_the_asker(house: House) -> None:
    message = house.asked(IN_GROUP)
    (part,) = house.messenger.parts_of("# 好", message)

    assert await house.send(message, part) == Sent()

    (call,) = house.dingtalk.calls()
    assert call.query == {"session": "s1"}
    assert call.request_headers["content-type"] == "application/json; charset=utf-8"
    assert body_of(call) == {
        "msgtype": "markdown",
        "markdown": {"title": "好", "text": "# 好\n\n@manager1"},
        "at": {"atUserIds": ["manager1"], "isAtAll": False},
        "msgUuid": "key-1",
    }


async def test_only_the_part_that_ends_in_the_mention_notifies_the_asker(house: House) -> None:
    message = house.asked(IN_GROUP)
    for part in house.messenger.parts_of("一句话。" * 2000, message):
        assert await house.send(message, part) == Sent()

    at = [body_of(call)["at"] for call in house.dingtalk.calls()]
    assert at == [{"atUserIds": [], "isAtAll": False}] * 2 + [
        {"atUserIds": ["manager1"], "isAtAll": False}
    ]


@pytest.mark.parametrize(
    "fault",
    [
        errcode(-1),
        errcode(130101),
        errcode(None),
        errcode(0, status=500),
        answer(429, {}),
        answer(200, {"status": 1111, "wait": 5}),
        html(),
        html(502),
        CLOSE,
        RESET,
        redirect("http://127.0.0.1:1/"),
    ],
)
async def test_a_failure_that_may_pass_is_busy_and_stays_with_the_webhook(
    house: House, fault: Fault
) -> None:
    will(house.with_credentials().dingtalk, SESSION, fault)

    assert isinstance(await house.send(house.asked()), Busy)
    assert len(house.dingtalk.calls()) == 1


async def test_nobody_at_home_is_busy() -> None:
    async with simulated_dingtalk() as gone:
        pass
    async with dingtalk_client() as client:
        house = House(gone, client)

        assert isinstance(await house.send(house.asked()), Busy)


@pytest.mark.parametrize("number", [310000, 460101, 430102, 400106])
async def test_a_permanent_failure_is_undeliverable(house: House, number: int) -> None:
    will(house.dingtalk, SESSION, errcode(number))

    assert isinstance(await house.send(house.asked()), Undeliverable)


async def test_an_ended_session_without_credentials_is_undeliverable(house: House) -> None:
    will(house.dingtalk, SESSION, errcode(300001))

    assert await house.send(house.asked()) == Undeliverable(reason="session expired")


async def test_an_ended_session_in_a_group_goes_by_the_openapi_without_a_mention(
    house: House,
) -> None:
    will(house.with_credentials().dingtalk, SESSION, errcode(300001))
    message = house.asked(IN_GROUP)
    (part,) = house.messenger.parts_of("好", message)

    assert await house.send(message, part) == Sent()

    (call,) = house.dingtalk.calls(GROUP)
    body = body_of(call)
    assert body["robotCode"] == CLIENT_ID
    assert body["openConversationId"] == "cid2"
    assert body["msgKey"] == "sampleMarkdown"
    assert call.text() == "好\n\n＠张三"
    (shown,) = house.dingtalk.state.messages
    assert (shown.room, shown.text) == ("cid2", call.text())


async def test_an_ended_session_in_a_private_chat_goes_to_the_person(house: House) -> None:
    will(house.with_credentials().dingtalk, SESSION, errcode(300001))

    assert await house.send(house.asked()) == Sent()

    (call,) = house.dingtalk.calls(PRIVATE)
    assert body_of(call)["userIds"] == ["manager1"]
    assert [message.text for message in house.dingtalk.state.messages] == ["好"]


@pytest.mark.parametrize("left", [timedelta(), timedelta(seconds=59)])
async def test_an_expired_webhook_is_not_tried(house: House, left: timedelta) -> None:
    house.with_credentials().clock.pass_by(timedelta(hours=1) - left)

    assert await house.send(house.asked()) == Sent()
    assert not house.dingtalk.calls(SESSION)


async def test_a_webhook_is_tried_until_shortly_before_its_end(house: House) -> None:
    house.clock.pass_by(timedelta(minutes=58, seconds=59))

    assert await house.send(house.asked()) == Sent()


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/x", "https://oapi.dingtalk.com/x"])
async def test_a_webhook_that_is_not_allowed_is_never_connected_to(house: House, url: str) -> None:
    message = house.asked(url=url)

    refused = await house.send(message)
    by_openapi = await house.with_credentials().send(message)

    assert isinstance(refused, Undeliverable)
    assert by_openapi == Sent()
    assert not house.dingtalk.calls(SESSION)


@pytest.mark.parametrize(
    "room",
    [
        Room(kind=RoomKind.GROUP, id=GroupId("cid"), outgoing=True),
        Room(kind=RoomKind.UNKNOWN, id=GroupId("cid")),
    ],
)
async def test_a_room_without_an_address_has_no_other_way(house: House, room: Room) -> None:
    will(house.with_credentials().dingtalk, SESSION, errcode(300001))

    result = await house.send(house.asked(replace(QUESTION, room=room)))

    assert isinstance(result, Undeliverable)
    assert len(house.dingtalk.calls()) == 1


async def test_fifty_replies_at_once_fetch_one_token(house: House) -> None:
    message = house.with_credentials().asked(url="")
    house.dingtalk.switch(api_calls_a_second=0)

    results = await asyncio.gather(*(house.send(message) for _ in range(50)))

    assert results == [Sent()] * 50
    assert len(house.dingtalk.calls(TOKEN)) == 1


async def test_more_replies_than_dingtalk_takes_in_a_second_are_busy(house: House) -> None:
    message = house.with_credentials().asked(url="")
    house.dingtalk.switch(api_calls_a_second=3)

    results = await asyncio.gather(*(house.send(message) for _ in range(5)))

    assert results.count(Sent()) == 3
    assert sum(isinstance(result, Busy) for result in results) == 2


async def test_fifty_replies_share_the_failure_of_a_token_too(house: House) -> None:
    will(house.with_credentials().dingtalk, TOKEN, html(502))
    message = house.asked(url="")

    results = await asyncio.gather(*(house.send(message) for _ in range(50)))

    assert all(isinstance(result, Busy) for result in results)
    assert len(house.dingtalk.calls(TOKEN)) == 1
    assert await house.send(message) == Sent()


async def test_a_caller_that_gives_up_does_not_take_the_token_from_others(house: House) -> None:
    message = house.with_credentials().asked(url="")
    impatient = asyncio.create_task(house.send(message))
    patient = asyncio.create_task(house.send(message))
    await asyncio.sleep(0)

    impatient.cancel()

    assert await patient == Sent()
    assert len(house.dingtalk.calls(TOKEN)) == 1


async def test_a_revoked_token_is_replaced_once(house: House) -> None:
    message = house.with_credentials().asked(url="")
    await house.send(message)
    house.dingtalk.state.tokens.expire(None)

    assert await house.send(message) == Sent()
    assert len(house.dingtalk.calls(TOKEN)) == 2


async def test_a_token_that_is_rejected_twice_ends_the_trying(house: House) -> None:
    rejected = code("InvalidAuthentication", status=401)
    will(house.with_credentials().dingtalk, PRIVATE, rejected, rejected)

    assert isinstance(await house.send(house.asked(url="")), Undeliverable)
    assert len(house.dingtalk.calls(PRIVATE)) == 2


async def test_a_token_is_renewed_five_minutes_before_its_end(house: House) -> None:
    message = house.with_credentials().asked(url="")
    await house.send(message)

    house.clock.pass_by(timedelta(minutes=114))
    await house.send(message)
    fetched_before = len(house.dingtalk.calls(TOKEN))
    house.clock.pass_by(timedelta(minutes=1))
    await house.send(message)

    assert fetched_before == 1
    assert len(house.dingtalk.calls(TOKEN)) == 2


async def test_wrong_credentials_are_undeliverable(house: House) -> None:
    house.with_keys("not-the-secret")

    assert isinstance(await house.send(house.asked(url="")), Undeliverable)


async def test_new_credentials_are_used_from_the_next_reply_on(house: House) -> None:
    message = house.asked(url="")

    before = await house.send(message)
    house.with_credentials()
    after = await house.send(message)

    assert (before, after) == (Undeliverable(reason="no webhook"), Sent())


async def test_nothing_secret_is_logged_or_shown(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="adapters")
    rejected = code("InvalidAuthentication")
    will(house.with_credentials().dingtalk, SESSION, errcode(300001), errcode(-1))
    will(house.dingtalk, PRIVATE, rejected, rejected)

    for _ in range(2):
        await house.send(house.asked(), ReplyPart(title="t", text="words of people"))

    written = " ".join(str(vars(record)) for record in caplog.records)
    assert "reply_by_openapi" in written
    for secret in (SECRET, "session=", "words of people", "token-0"):
        assert secret not in written + repr(house.credentials) + repr(house.tokens.__dict__)


@pytest.mark.parametrize("end", ["", "/", "/gateway", "/gateway/"])
async def test_an_openapi_below_a_path_keeps_the_path(end: str) -> None:
    def below(simulator: Simulator) -> Sequence[HTTPRouteHandler | Router]:
        routes = [endpoint_route(one, simulator.state, simulator) for one in ENDPOINTS]
        return [Router("/gateway", route_handlers=routes)]

    settings = SimulatorSettings(client_id=CLIENT_ID, secret=SECRET)
    async with (
        running_simulator(settings, extras=[below]) as dingtalk,
        dingtalk_client(connections=1) as client,
    ):
        make_person(dingtalk.state, "张三", staff_id="manager1")
        api_url = httpx.URL(f"{dingtalk.origin}{end}")
        tokens = AccessTokens(client, api_url, ManualClock(NOW))
        credentials = Credentials(client_id=CLIENT_ID, client_secret=SECRET)

        replies = OpenApiReplies(client, api_url, tokens)

        assert await replies.send(PART, QUESTION, credentials) == Sent()
        assert [call.path for call in dingtalk.calls()] == [
            f"{end.rstrip('/')}/v1.0/oauth2/accessToken",
            f"{end.rstrip('/')}/v1.0/robot/oToMessages/batchSend",
        ]
