"""余额: what gateways tell of the account, and what this service counts itself where none does."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from anyio.from_thread import BlockingPortal

from tests.fakes.billing_server import BillingServer, hang_up, page
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import RunningService, eventually, free_port
from tests.service.talk import People

Configure = Callable[..., None]

KEY = "sk-billing-canary"
BILLING = "/v1/dashboard/billing"
CHAT = "/v1/chat/completions"
COMPLETION: Mapping[str, object] = {
    "object": "chat.completion",
    "model": "some-model-2026",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "四"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
}


@pytest.fixture
def gateway(portal: BlockingPortal) -> Iterator[BillingServer]:
    """A gateway whose model says 四, and that tells no balance until it is told to."""
    serving = BillingServer({CHAT: page(COMPLETION, headers="Content-Type: application/json")})
    with portal.wrap_async_context_manager(serving) as opened:
        yield opened


def tell(gateway: BillingServer, granted: float = 100, cents: float = 2550) -> None:
    gateway.pages[f"{BILLING}/subscription"] = page({"hard_limit_usd": granted})
    gateway.pages[f"{BILLING}/usage"] = page({"total_usage": cents})


def provider(name: str, url: str) -> dict[str, object]:
    options = {"api_key": KEY, "base_url": url, "model": "some-model", "stream": False}
    return {"name": name, "kind": "openai", **options}


@contextmanager
def served(
    folder: Path, dingtalk: SimulatedDingTalk, shared: FakeModel, *listed: object, **more: object
) -> Iterator[RunningService]:
    config = config_of(shared, dingtalk, providers=list(listed), **more)
    with RunningService(folder=folder, config=config) as running:
        yield running


def test_what_a_gateway_tells_is_told_and_it_is_asked_once_a_minute(
    folder: Path, dingtalk: SimulatedDingTalk, shared_model: FakeModel, gateway: BillingServer
) -> None:
    tell(gateway)
    with served(folder, dingtalk, shared_model, provider("main", gateway.origin)) as service:
        people = People(service, dingtalk)

        with ThreadPoolExecutor(8) as threads:
            replies = list(threads.map(lambda _: people.stranger().ask("余额"), range(8)))

        assert len(set(replies)) == 1
        assert "**main**：总额 USD 100.00，已用 USD 25.50，剩余 **USD 74.50**" in replies[0]
        assert "统计" not in replies[0]
        asked = [path for path in gateway.paths if path.startswith(BILLING)]
        assert asked == [f"{BILLING}/subscription", f"{BILLING}/usage"]
        assert {visit.headers["authorization"] for visit in gateway.visits} == {f"Bearer {KEY}"}
        assert KEY not in service.said


def test_a_provider_that_is_away_or_tells_nothing_hides_no_other(
    folder: Path, dingtalk: SimulatedDingTalk, shared_model: FakeModel, gateway: BillingServer
) -> None:
    tell(gateway)
    away = provider("away", f"http://127.0.0.1:{free_port()}")
    listed = [away, {"name": "demo", "kind": "demo"}, provider("main", gateway.origin)]
    with served(folder, dingtalk, shared_model, *listed) as service:
        reply = People(service, dingtalk).stranger().ask("余额")

        assert "**away**：暂时联系不上" in reply
        assert "**demo**：内置的演示模型，不产生费用" in reply
        assert "剩余 **USD 74.50**" in reply
        (event,) = service.events("balance_not_told")
        assert event["provider"] == "away"


def test_where_none_tells_the_own_count_and_an_estimate_are_told_and_outlive_a_restart(
    folder: Path, dingtalk: SimulatedDingTalk, shared_model: FakeModel, gateway: BillingServer
) -> None:
    prices = [
        {"model": "some-model*", "prompt": 4, "answer": 16, "currency": "CNY"},
        {"model": "some-model*", "prompt": 400, "answer": 1600, "since": "2099-01-01"},
    ]
    only = provider("main", gateway.origin)
    with served(folder, dingtalk, shared_model, only, prices=prices) as service:
        people = People(service, dingtalk)
        assert [people.stranger().ask("二加二") for _ in range(3)] == ["四"] * 3

        reply = people.stranger().ask("余额")
        service.restart()

        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        used = "3 个问题，提问 3,000 token，回答 1,500 token，图片 0 张；费用约 CNY 0.0360"
        assert "**main**：不提供余额查询。" in reply
        assert f"**今天（{today}）**：{used}" in reply
        assert f"**本月（{today:%Y-%m}）**：{used}" in reply
        assert "估算" in reply
        assert people.stranger().ask("余额") == reply


def test_a_model_without_a_price_is_named_and_a_new_price_counts_at_once(
    folder: Path, dingtalk: SimulatedDingTalk, shared_model: FakeModel, gateway: BillingServer
) -> None:
    prices = [{"model": "another", "prompt": 1}]
    only = provider("main", gateway.origin)
    with served(folder, dingtalk, shared_model, only, prices=prices) as service:
        people = People(service, dingtalk)
        people.stranger().ask("二加二")

        before = people.stranger().ask("余额")
        service.configure(prices=[{"model": "*", "prompt": 1}])

        assert "没有计入费用的模型：`some-model-2026`。" in before
        assert "费用约 USD 0.0010" in people.stranger().ask("余额")


def test_a_question_that_got_no_answer_is_not_in_the_count(
    folder: Path, dingtalk: SimulatedDingTalk, shared_model: FakeModel, gateway: BillingServer
) -> None:
    gateway.pages[CHAT] = page({"error": {"message": "no"}}, status=401)
    with served(folder, dingtalk, shared_model, provider("main", gateway.origin)) as service:
        zhang = People(service, dingtalk).stranger()
        zhang.ask("二加二")

        assert "**：0 个问题" in zhang.ask("余额")


def test_a_gateway_that_comes_back_is_asked_again_before_the_minute_is_over(
    folder: Path, dingtalk: SimulatedDingTalk, shared_model: FakeModel, gateway: BillingServer
) -> None:
    gateway.pages[f"{BILLING}/subscription"] = hang_up
    with served(folder, dingtalk, shared_model, provider("main", gateway.origin)) as service:
        zhang = People(service, dingtalk).stranger()
        assert "暂时联系不上" in zhang.ask("余额")

        tell(gateway)

        eventually(lambda: "剩余 **USD 74.50**" in zhang.ask("余额"), within=15)


def test_it_is_for_administrators_once_there_are_some(people: People, configure: Configure) -> None:
    stranger, boss = people.stranger(), people.named("boss")

    refused, told = stranger.ask("余额"), boss.ask("余额")
    configure(admin_users=[])

    assert refused == "这个命令只有管理员可以使用。"
    assert "### 余额" in told
    assert "### 余额" in stranger.ask("余额")


def test_it_is_free(people: People, configure: Configure) -> None:
    configure(max_request=1, admin_users=[])
    zhang = people.stranger()

    zhang.ask("余额")

    assert "已提问 **0** 次" in zhang.ask("用量")
