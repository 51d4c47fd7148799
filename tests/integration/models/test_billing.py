"""The balance from billing routes, of gateways that answer well and of those that answer anything else."""

import asyncio
import gzip
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.openai.billing import OpenAIBilling
from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from adapters.openai.http_get import LONGEST_PAGE
from application.errors import ModelFailure, ModelMisconfigured, ModelUnavailable
from domain.spending import Balance
from tests.contracts.account_balance import TOLD, AccountBalanceContract
from tests.fakes.billing_server import (
    BillingServer,
    Respond,
    hang,
    hang_up,
    never_end,
    page,
)
from tests.fakes.clock import ManualClock

KEY = "sk-secret-4711"
BELOW = "/v1/dashboard/billing"
BESIDE = "/dashboard/billing"
REFUSED = {"error": {"message": "must be made with a session key", "type": "server_error"}}


def subscription(**fields: object) -> dict[str, object]:
    """As one-api serves it."""
    return {
        "object": "billing_subscription",
        "has_payment_method": True,
        "soft_limit_usd": 100.5,
        "hard_limit_usd": 100.5,
        "system_hard_limit_usd": 100.5,
        "access_until": 0,
        **fields,
    }


def usage(**fields: object) -> dict[str, object]:
    return {"object": "list", "total_usage": 2525, **fields}


@pytest.fixture
async def server() -> AsyncIterator[BillingServer]:
    async with BillingServer() as serving:
        yield serving


def billing_at(origin: str, *, base: str = "/v1", proxy: str = "") -> OpenAIBilling:
    endpoint = OpenAIEndpoint(api_key=KEY, base_url=origin + base)
    return OpenAIBilling(
        endpoint, ConnectionOptions(proxy=proxy), provider="main", clock=ManualClock()
    )


def lay_down(
    server: BillingServer,
    granted: dict[str, object] | None = None,
    used: dict[str, object] | None = None,
    *,
    at: str = BELOW,
) -> None:
    server.pages[f"{at}/subscription"] = page(granted or subscription())
    server.pages[f"{at}/usage"] = page(used or usage())


async def told_with(server: BillingServer, **fields: object) -> Balance | None:
    """What is understood where the subscription has these fields."""
    lay_down(server, subscription(**fields))
    return await billing_at(server.origin).balance()


class TestOpenAIBilling(AccountBalanceContract):
    @pytest.fixture
    def telling(self, server: BillingServer) -> OpenAIBilling:
        lay_down(server)
        return billing_at(server.origin)

    @pytest.fixture
    def silent(self, server: BillingServer) -> OpenAIBilling:
        return billing_at(server.origin)

    @pytest.fixture
    def unreachable(self) -> OpenAIBilling:
        return billing_at(f"http://127.0.0.1:{closed_port()}")


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.anyio
class TestGatewaysThatTell:
    async def test_the_key_goes_along_and_is_in_no_log(
        self, server: BillingServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        lay_down(server)

        await billing_at(server.origin).balance()

        assert {visit.headers["authorization"] for visit in server.visits} == {f"Bearer {KEY}"}
        assert {visit.method for visit in server.visits} == {"GET"}
        assert KEY not in caplog.text
        assert all(KEY not in str(vars(record)) for record in caplog.records)

    async def test_routes_beside_the_version_are_found(self, server: BillingServer) -> None:
        lay_down(server, at=BESIDE)

        assert await billing_at(server.origin).balance() == TOLD

    async def test_routes_below_a_path_are_found(self, server: BillingServer) -> None:
        lay_down(server, at="/proxy/openai/dashboard/billing")

        assert await billing_at(server.origin, base="/proxy/openai/v1").balance() == TOLD

    async def test_an_address_without_a_version_is_asked_once(self, server: BillingServer) -> None:
        assert await billing_at(server.origin, base="/v1/openai").balance() is None

        assert server.paths == [
            f"/v1/openai/dashboard/billing/{route}" for route in ("subscription", "credit_grants")
        ]

    async def test_the_usage_of_the_month_is_asked_for(self, server: BillingServer) -> None:
        lay_down(server)

        await billing_at(server.origin).balance()

        assert server.visits[-1].query == {"start_date": "2026-03-01", "end_date": "2026-03-02"}

    async def test_of_an_account_that_paid_in_advance_all_that_can_be_asked_for(
        self, server: BillingServer
    ) -> None:
        await told_with(server, has_payment_method=False)

        assert server.visits[-1].query == {"start_date": "2025-11-22", "end_date": "2026-03-02"}

    @pytest.mark.parametrize(
        ("limits", "granted"),
        [
            ({"hard_limit_usd": "100.5"}, "100.5"),
            ({"hard_limit_usd": 7}, "7"),
            ({"hard_limit_usd": 0}, "0"),
            ({"hard_limit_usd": -3.25}, "-3.25"),
            ({"hard_limit_usd": 0.1}, "0.1"),
            ({"hard_limit_usd": None}, "100.5"),
            ({"hard_limit_usd": None, "soft_limit_usd": 5}, "5"),
            ({"hard_limit_usd": "many", "soft_limit_usd": [], "system_hard_limit_usd": 9}, "9"),
            ({"hard_limit_usd": True, "soft_limit_usd": 2}, "2"),
            ({"hard_limit_usd": 1e300, "soft_limit_usd": 2}, "2"),
            ({"hard_limit_usd": "NaN", "soft_limit_usd": "2"}, "2"),
            ({"hard_limit_usd": "-Infinity", "soft_limit_usd": "2"}, "2"),
            ({"hard_limit_usd": "9" * 5000, "soft_limit_usd": "2"}, "2"),
            ({"hard_limit_usd": 10**30, "soft_limit_usd": "2"}, "2"),
        ],
    )
    async def test_the_first_limit_that_is_an_amount_was_granted(
        self, server: BillingServer, limits: dict[str, object], granted: str
    ) -> None:
        told = await told_with(server, **limits)

        assert told
        assert told.granted == Decimal(granted)
        assert told.left == Decimal(granted) - Decimal("25.25")

    @pytest.mark.parametrize(
        ("limit", "granted"), [("0.30000000000000004441", "0.30000000000000004441"), ("1E2", "100")]
    )
    async def test_digits_are_taken_as_they_are_written(
        self, server: BillingServer, limit: str, granted: str
    ) -> None:
        lay_down(server)
        server.pages[f"{BELOW}/subscription"] = page(f'{{"hard_limit_usd": {limit}}}')

        told = await billing_at(server.origin).balance()

        assert told
        assert told.granted == Decimal(granted)

    async def test_a_key_without_a_limit_has_nothing_left_to_tell(
        self, server: BillingServer
    ) -> None:
        told = await told_with(server, hard_limit_usd=100000000)

        assert told == replace(TOLD, granted=None, left=None, is_unlimited=True)

    @pytest.mark.parametrize(
        ("until", "expected"),
        [
            (1798761600, datetime(2027, 1, 1, tzinfo=UTC)),
            ("1798761600", datetime(2027, 1, 1, tzinfo=UTC)),
            (1798761600.9, datetime(2027, 1, 1, tzinfo=UTC)),
            (1798761600000, datetime(2027, 1, 1, tzinfo=UTC)),
            (0, None),
            (-1, None),
            (None, None),
            ("never", None),
            (32503593600, None),
            (10**14, None),
            (10**40, None),
        ],
    )
    async def test_the_end_of_a_key_is_a_moment_or_nothing(
        self, server: BillingServer, until: object, expected: datetime | None
    ) -> None:
        told = await told_with(server, access_until=until)

        assert told == replace(TOLD, valid_until=expected)

    @pytest.mark.parametrize(
        "used", [{"total_usage": None}, {"total_usage": "?"}, {"total_usage": {}}, REFUSED]
    )
    async def test_a_use_that_is_not_told_leaves_what_was_granted(
        self, server: BillingServer, used: dict[str, object]
    ) -> None:
        lay_down(server, used={"object": "list", "total_usage": 1, **used})

        told = await billing_at(server.origin).balance()

        assert told == replace(TOLD, used=None, left=None)

    async def test_more_used_than_granted_is_less_than_nothing_left(
        self, server: BillingServer
    ) -> None:
        lay_down(server, used=usage(total_usage="11050.0"))

        told = await billing_at(server.origin).balance()

        assert told
        assert told.left == Decimal(-10)

    @pytest.mark.parametrize("at", [BELOW, BESIDE])
    async def test_credit_grants_tell_it_all_at_once(self, server: BillingServer, at: str) -> None:
        grants = {"total_granted": 100.5, "total_used": "25.25", "total_available": 75.25}
        server.pages[f"{at}/credit_grants"] = page(grants)

        assert await billing_at(server.origin).balance() == TOLD

    @pytest.mark.parametrize(
        ("grants", "expected"),
        [
            ({"total_granted": 100.5, "total_used": 25.25}, TOLD),
            ({"total_available": 75.25}, replace(TOLD, granted=None, used=None)),
            ({"total_granted": 100.5}, replace(TOLD, used=None, left=None)),
            ({"total_used": 25.25}, None),
            ({}, None),
        ],
    )
    async def test_of_credit_grants_something_has_to_be_there(
        self, server: BillingServer, grants: dict[str, object], expected: Balance | None
    ) -> None:
        server.pages[f"{BELOW}/credit_grants"] = page(grants)

        assert await billing_at(server.origin).balance() == expected

    async def test_the_proxy_of_the_provider_is_used(self, server: BillingServer) -> None:
        lay_down(server)

        # Asked for a whole address, a server is a proxy.
        told = await billing_at("http://gateway.test", proxy=server.origin).balance()

        assert told == TOLD
        assert {visit.headers["host"] for visit in server.visits} == {"gateway.test"}


ODD: dict[str, Respond] = {
    "401": page(REFUSED, status=401),
    "403": page(REFUSED, status=403),
    "405": page("", status=405),
    "500": page("Internal Server Error", status=500),
    "a balance of status 404": page(subscription(), status=404),
    "a balance of status 500": page(subscription(), status=500),
    "an error of status 200": page({**subscription(), "error": {"message": "获取配额失败"}}),
    "no limit": page({"object": "billing_subscription"}),
    "a site's front page": page("<!doctype html><title>One API</title>"),
    "nothing": page(""),
    "null": page("null"),
    "a list": page("[1]"),
    "a number": page("1"),
    "half of it": page('{"hard_limit_usd": 1'),
    "no UTF-8": page(b'{"hard_limit_usd": 1, "soft_limit_usd": "\xff"}'),
    "a lone surrogate": page('{"hard_limit_usd": "\\ud800"}'),
    "NaN": page('{"hard_limit_usd": NaN}'),
    "an exponent without end": page('{"hard_limit_usd": 1e99999999999999999999}'),
    "an integer without end": page('{"hard_limit_usd": ' + "9" * 100_000 + "}"),
    "deep nesting": page('{"hard_limit_usd": ' + "[" * 50_000 + "]" * 50_000 + "}"),
    "no content": page("", status=204),
    "too much": page(json.dumps(subscription()) + " " * LONGEST_PAGE),
    "too much without an end": never_end,
    "too much once unpacked": page(
        gzip.compress(json.dumps(subscription()).encode() + b" " * 8 * LONGEST_PAGE),
        headers="Content-Encoding: gzip",
    ),
}
AWAY: dict[str, Respond] = {
    "408": page("", status=408),
    "429": page(REFUSED, status=429),
    "502": page("<html>", status=502),
    "503": page("", status=503),
    "504": page("", status=504),
    "hanging up": hang_up,
}


@pytest.mark.anyio
class TestGatewaysThatDoNot:
    @pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
    async def test_anything_odd_tells_nothing(self, server: BillingServer, answer: Respond) -> None:
        for at in (BELOW, BESIDE):
            for route in ("subscription", "usage", "credit_grants"):
                server.pages[f"{at}/{route}"] = answer

        assert await billing_at(server.origin).balance() is None

    @pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
    async def test_what_is_odd_below_the_version_may_be_told_beside_it(
        self, server: BillingServer, answer: Respond
    ) -> None:
        server.pages[f"{BELOW}/subscription"] = answer
        lay_down(server, at=BESIDE)

        assert await billing_at(server.origin).balance() == TOLD

    async def test_no_redirect_is_followed(self, server: BillingServer) -> None:
        lay_down(server, at="/elsewhere")
        away = f"Location: {server.origin}/elsewhere/subscription"
        server.pages[f"{BELOW}/subscription"] = page("", status=302, headers=away)

        assert await billing_at(server.origin).balance() is None
        assert not [path for path in server.paths if path.startswith("/elsewhere")]

    @pytest.mark.parametrize("answer", AWAY.values(), ids=AWAY)
    async def test_a_server_that_is_away_is_a_failure(
        self, server: BillingServer, answer: Respond
    ) -> None:
        server.pages[f"{BELOW}/subscription"] = answer

        with pytest.raises(ModelUnavailable):
            await billing_at(server.origin).balance()

    async def test_a_host_without_an_address_is_a_failure(self) -> None:
        with pytest.raises(ModelFailure) as caught:
            await billing_at("http://nowhere.invalid").balance()

        assert KEY not in str(caught.value)
        assert "nowhere" not in str(caught.value)

    async def test_a_key_that_no_header_takes_is_the_operators_mistake(
        self, server: BillingServer
    ) -> None:
        endpoint = OpenAIEndpoint(api_key="钥匙", base_url=f"{server.origin}/v1")
        billing = OpenAIBilling(endpoint, ConnectionOptions(), provider="main", clock=ManualClock())

        with pytest.raises(ModelMisconfigured):
            await billing.balance()

    async def test_a_server_that_hangs_can_be_given_up(self, server: BillingServer) -> None:
        server.pages[f"{BELOW}/subscription"] = hang

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await billing_at(server.origin).balance()
