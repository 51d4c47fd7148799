"""The messenger against a DingTalk on the loopback."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.outbound.access_tokens import AccessTokens, Credentials
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.outbound.messenger import DingTalkMessenger
from adapters.dingtalk.outbound.openapi import OpenApiReplies
from adapters.dingtalk.outbound.origins import AllowedOrigins
from adapters.dingtalk.outbound.webhook import WebhookReplies
from application.ports import Messenger
from application.wording import CHINESE
from domain.message import GroupId, IncomingMessage, RobotId, Room, RoomKind, Webhook
from domain.reply import Busy, ReplyPart, SendResult, Sent, Undeliverable
from tests.contracts.messenger import IN_GROUP, NOW, QUESTION, MessengerContract
from tests.fakes.clock import ManualClock
from tests.fakes.dingtalk_server import (
    GROUP,
    PRIVATE,
    SESSION,
    TOKEN,
    DingTalkServer,
    Respond,
    answer,
    close,
    code,
    errcode,
    html,
    redirect,
    reset,
)

pytestmark = pytest.mark.anyio
PART = ReplyPart(title="好", text="好")
SECRET = "very-secret"


class House:
    """A messenger with all that it needs, and the server it talks to."""

    def __init__(self, server: DingTalkServer, client: httpx.AsyncClient) -> None:
        self.server = server
        self.clock = ManualClock(NOW)
        self.credentials: dict[RobotId, Credentials] = {}
        api_url = httpx.URL(server.url)
        self.tokens = AccessTokens(client, api_url, self.clock)
        self.messenger = DingTalkMessenger(
            Layout(wording=lambda: CHINESE),
            webhook=WebhookReplies(
                client, origins=AllowedOrigins.of([server.url]), clock=self.clock
            ),
            openapi=OpenApiReplies(client, api_url, self.tokens),
            credentials_of=self.credentials.get,
        )

    def with_credentials(self) -> "House":
        self.credentials[QUESTION.robot] = Credentials(client_id="ding1", client_secret=SECRET)
        return self

    def asked(self, message: IncomingMessage = QUESTION, url: str | None = None) -> IncomingMessage:
        webhook = Webhook(
            url=self.server.webhook() if url is None else url, expires_at=NOW + timedelta(hours=1)
        )
        return replace(message, webhook=webhook)

    async def send(self, message: IncomingMessage, part: ReplyPart = PART) -> SendResult:
        return await self.messenger.send(part, message, key="key-1")


@pytest.fixture
async def house() -> AsyncGenerator[House]:
    async with DingTalkServer() as server, dingtalk_client(connections=50) as client:
        yield House(server, client)


class TestDingTalkMessenger(MessengerContract):
    @pytest.fixture
    def messenger(self, house: House) -> Messenger:
        self.house = house
        return house.messenger

    def question(self) -> IncomingMessage:
        return self.house.asked()

    def arrived(self) -> Sequence[str]:
        texts = [request.text() for request in self.house.server.calls(SESSION)]
        return texts[-len(texts) + self.failed :]

    failed = 0

    def next_send_is(self, result: SendResult) -> None:
        self.failed = 1
        self.house.server.will(SESSION, errcode(-1 if isinstance(result, Busy) else 310000))


async def test_a_group_reply_is_a_markdown_message_that_mentions_the_asker(house: House) -> None:
    message = house.asked(IN_GROUP)
    (part,) = house.messenger.parts_of("# 好", message)

    assert await house.send(message, part) == Sent()

    (request,) = house.server.received
    assert request.query == {"session": "s1"}
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.body == {
        "msgtype": "markdown",
        "markdown": {"title": "好", "text": "# 好\n\n@manager1"},
        "at": {"atUserIds": ["manager1"], "isAtAll": False},
        "msgUuid": "key-1",
    }


async def test_only_the_part_that_ends_in_the_mention_notifies_the_asker(house: House) -> None:
    message = house.asked(IN_GROUP)
    for part in house.messenger.parts_of("一句话。" * 2000, message):
        assert await house.send(message, part) == Sent()

    at = [request.body["at"] for request in house.server.received if request.body]
    assert at == [{"atUserIds": [], "isAtAll": False}] * 2 + [
        {"atUserIds": ["manager1"], "isAtAll": False}
    ]


@pytest.mark.parametrize(
    "response",
    [
        errcode(-1),
        errcode(130101),
        errcode(None),
        errcode(0, status=500),
        answer(429, {}),
        answer(200, {"status": 1111, "wait": 5}),
        html(),
        html(502),
        close,
        reset,
        redirect("http://127.0.0.1:1/"),
    ],
)
async def test_a_failure_that_may_pass_is_busy_and_stays_with_the_webhook(
    house: House, response: Respond
) -> None:
    house.with_credentials().server.will(SESSION, response)

    assert isinstance(await house.send(house.asked()), Busy)
    assert len(house.server.received) == 1


async def test_nobody_at_home_is_busy() -> None:
    async with DingTalkServer() as gone:
        pass
    async with dingtalk_client() as client:
        house = House(gone, client)

        assert isinstance(await house.send(house.asked()), Busy)


@pytest.mark.parametrize("number", [310000, 460101, 430102, 400106])
async def test_a_permanent_failure_is_undeliverable(house: House, number: int) -> None:
    house.server.will(SESSION, errcode(number))

    assert isinstance(await house.send(house.asked()), Undeliverable)


async def test_an_ended_session_without_credentials_is_undeliverable(house: House) -> None:
    house.server.will(SESSION, errcode(300001))

    assert await house.send(house.asked()) == Undeliverable(reason="session expired")


async def test_an_ended_session_in_a_group_goes_by_the_openapi_without_a_mention(
    house: House,
) -> None:
    house.with_credentials().server.will(SESSION, errcode(300001))
    message = house.asked(IN_GROUP)
    (part,) = house.messenger.parts_of("好", message)

    assert await house.send(message, part) == Sent()

    (request,) = house.server.calls(GROUP)
    assert request.body is not None
    assert request.body["robotCode"] == "ding1"
    assert request.body["openConversationId"] == "cid2"
    assert request.body["msgKey"] == "sampleMarkdown"
    assert request.text() == "好\n\n＠张三"


async def test_an_ended_session_in_a_private_chat_goes_to_the_person(house: House) -> None:
    house.with_credentials().server.will(SESSION, errcode(300001))

    assert await house.send(house.asked()) == Sent()

    (request,) = house.server.calls(PRIVATE)
    assert request.body is not None
    assert request.body["userIds"] == ["manager1"]


@pytest.mark.parametrize("left", [timedelta(), timedelta(seconds=59)])
async def test_an_expired_webhook_is_not_tried(house: House, left: timedelta) -> None:
    house.with_credentials().clock.pass_by(timedelta(hours=1) - left)

    assert await house.send(house.asked()) == Sent()
    assert not house.server.calls(SESSION)


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
    assert not house.server.calls(SESSION)


@pytest.mark.parametrize(
    "room",
    [
        Room(kind=RoomKind.GROUP, id=GroupId("cid"), outgoing=True),
        Room(kind=RoomKind.UNKNOWN, id=GroupId("cid")),
    ],
)
async def test_a_room_without_an_address_has_no_other_way(house: House, room: Room) -> None:
    house.with_credentials().server.will(SESSION, errcode(300001))

    result = await house.send(house.asked(replace(QUESTION, room=room)))

    assert isinstance(result, Undeliverable)
    assert len(house.server.received) == 1


async def test_fifty_replies_at_once_fetch_one_token(house: House) -> None:
    message = house.with_credentials().asked(url="")

    results = await asyncio.gather(*(house.send(message) for _ in range(50)))

    assert results == [Sent()] * 50
    assert len(house.server.calls(TOKEN)) == 1


async def test_fifty_replies_share_the_failure_of_a_token_too(house: House) -> None:
    house.with_credentials().server.will(TOKEN, html(502))
    message = house.asked(url="")

    results = await asyncio.gather(*(house.send(message) for _ in range(50)))

    assert all(isinstance(result, Busy) for result in results)
    assert len(house.server.calls(TOKEN)) == 1
    assert await house.send(message) == Sent()


async def test_a_caller_that_gives_up_does_not_take_the_token_from_others(house: House) -> None:
    message = house.with_credentials().asked(url="")
    impatient = asyncio.create_task(house.send(message))
    patient = asyncio.create_task(house.send(message))
    await asyncio.sleep(0)

    impatient.cancel()

    assert await patient == Sent()
    assert len(house.server.calls(TOKEN)) == 1


async def test_a_revoked_token_is_replaced_once(house: House) -> None:
    message = house.with_credentials().asked(url="")
    await house.send(message)
    house.server.revoke_token()

    assert await house.send(message) == Sent()
    assert len(house.server.calls(TOKEN)) == 2


async def test_a_token_that_is_rejected_twice_ends_the_trying(house: House) -> None:
    rejected = code("InvalidAuthentication", status=401)
    house.with_credentials().server.will(PRIVATE, rejected, rejected)

    assert isinstance(await house.send(house.asked(url="")), Undeliverable)
    assert len(house.server.calls(PRIVATE)) == 2


async def test_a_token_is_renewed_five_minutes_before_its_end(house: House) -> None:
    message = house.with_credentials().asked(url="")
    await house.send(message)

    house.clock.pass_by(timedelta(minutes=114))
    await house.send(message)
    fetched_before = len(house.server.calls(TOKEN))
    house.clock.pass_by(timedelta(minutes=1))
    await house.send(message)

    assert fetched_before == 1
    assert len(house.server.calls(TOKEN)) == 2


async def test_wrong_credentials_are_undeliverable(house: House) -> None:
    house.with_credentials().server.will(TOKEN, code("invalidClientIdOrSecret"))

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
    house.with_credentials().server.will(SESSION, errcode(300001), errcode(-1))
    house.server.will(PRIVATE, rejected, rejected)

    for _ in range(2):
        await house.send(house.asked(), ReplyPart(title="t", text="words of people"))

    written = " ".join(str(vars(record)) for record in caplog.records)
    assert "reply_by_openapi" in written
    for secret in (SECRET, "session=", "words of people", "token-0"):
        assert secret not in written + repr(house.credentials) + repr(house.tokens.__dict__)


@pytest.mark.parametrize("end", ["", "/", "/gateway", "/gateway/"])
async def test_an_openapi_below_a_path_keeps_the_path(house: House, end: str) -> None:
    token, private = (f"{end.rstrip('/')}{path}" for path in (TOKEN, PRIVATE))
    house.server.will(token, answer(200, {"accessToken": "t1", "expireIn": 7200}))
    house.server.will(private, answer(200, {"processQueryKey": "k1"}))
    api_url = httpx.URL(f"{house.server.url}{end}")

    async with dingtalk_client(connections=1) as client:
        replies = OpenApiReplies(client, api_url, AccessTokens(client, api_url, house.clock))
        credentials = Credentials(client_id="ding1", client_secret=SECRET)

        assert await replies.send(PART, QUESTION, credentials) == Sent()
    assert [request.path for request in house.server.received] == [token, private]
