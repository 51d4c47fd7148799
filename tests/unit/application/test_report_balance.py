"""What 余额 says: the providers' own words, or else this service's count and an honest estimate."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from application.errors import ModelFailure, ModelMisconfigured, ModelUnavailable
from application.report_balance import DEADLINE, FAILURE_KEPT, KEPT, Account, ReportBalance
from application.rulebook import Rulebook
from application.wording import CHINESE, ENGLISH
from domain.message import IncomingMessage
from domain.spending import Balance, Price, PriceBook
from tests.contracts.account_balance import TOLD
from tests.contracts.spending import ANSWERED
from tests.fakes.accounts import InMemorySpending, ScriptedAccount
from tests.fakes.clock import ManualClock
from tests.fakes.house import RULES, rules
from tests.strategies import NOON, message_saying

TODAY = date(2026, 3, 1)
SAID = message_saying("余额")
SILENT = ScriptedAccount([None])
MOMENT = timedelta(seconds=1)
BOOK = PriceBook(
    (
        Price(model="m", prompt=Decimal(10), answer=Decimal(100)),
        Price(model="yuan*", prompt=Decimal(1), currency="CNY"),
    )
)


def reporting(
    *sources: ScriptedAccount | None, spending: InMemorySpending | None = None
) -> ReportBalance:
    """Providers called p1, p2, … in order."""
    accounts = [
        Account(provider=f"p{number}", source=source)
        for number, source in enumerate(sources, start=1)
    ]
    return reporting_on(accounts, spending)


def reporting_on(
    accounts: Sequence[Account], spending: InMemorySpending | None = None
) -> ReportBalance:
    return ReportBalance(
        accounts=accounts, spending=spending or InMemorySpending(), clock=ManualClock()
    )


def clock_of(report: ReportBalance) -> ManualClock:
    assert isinstance(report.clock, ManualClock)
    return report.clock


def told(**changes: object) -> Balance:
    return replace(TOLD, **changes)  # type: ignore[arg-type] # each test names real fields


async def reply(
    report: ReportBalance, message: IncomingMessage = SAID, book: Rulebook = RULES
) -> str:
    return await report(message, book)


async def line_for(balance: Balance, book: Rulebook = RULES) -> str:
    """What is said about a provider with that balance."""
    return (await reply(reporting(ScriptedAccount([balance])), book=book)).split("\n\n")[1]


@pytest.mark.anyio
class TestWhatTheProvidersTell:
    async def test_granted_used_left_and_the_last_day_are_told(self) -> None:
        until = datetime(2026, 12, 31, 12, tzinfo=UTC)

        line = await line_for(told(valid_until=until))

        assert line == (
            "**p1**：总额 USD 100.50，已用 USD 25.25，剩余 **USD 75.25**，有效期至 2026-12-31"
        )

    async def test_the_last_day_is_that_of_the_configured_zone(self) -> None:
        until = datetime(2026, 12, 31, 20, tzinfo=UTC)

        assert "有效期至 2027-01-01" in await line_for(told(valid_until=until))

    async def test_what_is_not_told_is_left_out(self) -> None:
        line = await line_for(told(used=None, left=None))

        assert line == "**p1**：总额 USD 100.50"

    async def test_an_account_without_a_limit_is_called_that(self) -> None:
        line = await line_for(told(granted=None, left=None, is_unlimited=True))

        assert line == "**p1**：不限额度，已用 USD 25.25"

    @pytest.mark.parametrize(
        ("amount", "written"),
        [
            ("1234567.891", "USD 1,234,567.89"),
            ("1", "USD 1.00"),
            ("0", "USD 0.00"),
            ("0.5", "USD 0.5000"),
            ("0.00001", "USD 0.0001"),
            ("-3.2", "USD -3.20"),
            ("-0.00001", "USD 0.0000"),
            ("1E-999999", "USD 0.0001"),
            ("999999999999999.99", "USD 999,999,999,999,999.99"),
        ],
    )
    async def test_amounts_are_as_fine_as_they_need_to_be(self, amount: str, written: str) -> None:
        line = await line_for(told(granted=Decimal(amount), used=None, left=None))

        assert line == f"**p1**：总额 {written}"

    async def test_the_providers_come_in_their_order_whether_they_tell_or_not(self) -> None:
        report = reporting(None, ScriptedAccount([TOLD]), SILENT, ScriptedAccount([told()]))

        text = await reply(report)

        starts = [part[:6] for part in text.split("\n\n")[1:5]]
        assert starts == ["**p1**", "**p2**", "**p3**", "**p4**"]
        assert "**p1**：不提供余额查询。" in text
        assert "**p3**：不提供余额查询。" in text
        assert CHINESE.balance.own_count not in text

    @pytest.mark.parametrize("failure", [ModelUnavailable("refused"), ModelMisconfigured("key")])
    async def test_one_that_cannot_be_reached_is_said_so_and_hides_no_other(
        self, failure: ModelFailure, caplog: pytest.LogCaptureFixture
    ) -> None:
        report = reporting(ScriptedAccount([failure]), ScriptedAccount([TOLD]))

        text = await reply(report)

        assert "**p1**：暂时联系不上" in text
        assert "剩余 **USD 75.25**" in text
        assert [record.message for record in caplog.records] == ["balance_not_told"]
        assert vars(caplog.records[0])["fact"] == str(failure)

    async def test_one_that_hangs_is_given_up_and_hides_no_other(self) -> None:
        hanging = ScriptedAccount([TOLD])
        hanging.may_answer.clear()
        accounts = [
            Account(provider="p1", source=hanging, deadline=timedelta(milliseconds=20)),
            Account(provider="p2", source=ScriptedAccount([TOLD])),
        ]

        text = await reply(reporting_on(accounts))

        assert "**p1**：暂时联系不上" in text
        assert "**p2**：总额" in text

    async def test_all_are_asked_at_once(self) -> None:
        sources = [ScriptedAccount([TOLD]) for _ in range(3)]
        sources[0].may_answer.clear()
        asking = asyncio.create_task(reply(reporting(*sources)))

        await asyncio.sleep(0.01)

        assert [source.asked for source in sources] == [1, 1, 1]
        sources[0].may_answer.set()
        await asking

    async def test_the_language_is_the_operators(self) -> None:
        line = await line_for(told(), rules(wording=ENGLISH))

        assert line == "**p1**: USD 100.50 granted, USD 25.25 used, **USD 75.25** left"


@pytest.mark.anyio
class TestHowOftenTheyAreAsked:
    async def test_once_a_minute_whoever_wants_to_know(self) -> None:
        source = ScriptedAccount([TOLD, told(left=Decimal(1))])
        report = reporting(source)

        first = await reply(report)
        clock_of(report).pass_by(KEPT - MOMENT)
        second = await reply(report)
        clock_of(report).pass_by(MOMENT)
        third = await reply(report)

        assert first == second
        assert "剩余 **USD 1.00**" in third
        assert source.asked == 2

    async def test_many_at_once_share_one_question(self) -> None:
        source = ScriptedAccount([TOLD])
        source.may_answer.clear()
        report = reporting(source)
        asking = [asyncio.create_task(reply(report)) for _ in range(50)]
        await asyncio.sleep(0.01)

        source.may_answer.set()

        assert len(set(await asyncio.gather(*asking))) == 1
        assert source.asked == 1

    async def test_one_who_gives_up_asking_does_not_keep_the_others_waiting(self) -> None:
        source = ScriptedAccount([TOLD])
        source.may_answer.clear()
        report = reporting(source)
        first, second = (asyncio.create_task(reply(report)) for _ in range(2))
        await asyncio.sleep(0.01)

        first.cancel()
        source.may_answer.set()

        assert "剩余" in await second

    async def test_that_nothing_is_told_is_kept_as_well(self) -> None:
        source = ScriptedAccount([None, TOLD])
        report = reporting(source)

        await reply(report)
        clock_of(report).pass_by(KEPT - MOMENT)

        assert "不提供余额查询" in await reply(report)
        assert source.asked == 1

    async def test_a_failure_is_kept_for_seconds_only(self) -> None:
        source = ScriptedAccount([ModelUnavailable("refused"), TOLD])
        report = reporting(source)
        await reply(report)

        clock_of(report).pass_by(FAILURE_KEPT - MOMENT)
        again = await reply(report)
        clock_of(report).pass_by(MOMENT)

        assert "联系不上" in again
        assert "剩余" in await reply(report)
        assert source.asked == 2

    async def test_a_clock_that_was_set_back_keeps_nothing_for_ever(self) -> None:
        source = ScriptedAccount([TOLD])
        report = reporting(source)
        await reply(report)

        clock_of(report).pass_by(-timedelta(days=1))
        await reply(report)

        assert source.asked == 2

    def test_the_deadline_is_short(self) -> None:
        assert timedelta(seconds=1) < DEADLINE <= timedelta(seconds=10)


def spent(*answers: tuple[date, str, int, int]) -> InMemorySpending:
    """Answers: day, model, tokens asked and answered."""
    memory = InMemorySpending()
    for day, model, asked, answered in answers:
        memory.note(
            replace(
                ANSWERED,
                day=day,
                provider="p1",
                model=model,
                prompt_tokens=asked,
                answer_tokens=answered,
            )
        )
    return memory


@pytest.mark.anyio
class TestTheServicesOwnCount:
    async def test_today_and_this_month_are_counted_where_nobody_tells(self) -> None:
        memory = spent((TODAY, "m", 1_000_000, 2_000), (TODAY, "m", 0, 3), (TODAY, "n", 5, 0))

        text = await reply(reporting(SILENT, spending=memory))

        assert (
            "**今天（2026-03-01）**：3 个问题，提问 1,000,005 token，回答 2,003 token，图片 0 张"
        ) in text
        assert "**本月（2026-03）**：3 个问题" in text

    async def test_the_month_holds_its_earlier_days_and_no_other_month(self) -> None:
        later = replace(SAID, received_at=NOON + timedelta(days=1))
        memory = spent(
            (date(2026, 2, 28), "m", 1, 1),
            (TODAY, "m", 1, 1),
            (date(2026, 3, 2), "m", 1, 1),
            (date(2026, 3, 3), "m", 1, 1),
        )

        text = await reply(reporting(SILENT, spending=memory), later)

        assert "**今天（2026-03-02）**：1 个问题" in text
        assert "**本月（2026-03）**：2 个问题" in text

    async def test_the_day_is_that_of_the_configured_zone(self) -> None:
        evening = replace(SAID, received_at=datetime(2026, 3, 31, 17, tzinfo=UTC))

        text = await reply(reporting(SILENT), evening)

        assert "**今天（2026-04-01）**：0 个问题" in text
        assert "**本月（2026-04）**" in text

    async def test_costs_stand_by_currency_and_are_called_an_estimate(self) -> None:
        memory = spent((TODAY, "m", 100_000, 50_000), (TODAY, "yuan-2", 2_500_000, 9))

        text = await reply(reporting(SILENT, spending=memory), book=rules(prices=BOOK))

        assert text.count("；费用约 CNY 2.50、USD 6.00") == 2
        assert "估算" in text
        assert "没有报告的 token 不在其中" in text
        assert "没有计入费用的模型" not in text

    async def test_models_without_a_price_are_named_and_nothing_in_a_name_is_markup(self) -> None:
        memory = spent((date(2026, 3, 1), "a`**b", 5, 5), (TODAY, "m", 1, 1))

        text = await reply(reporting(SILENT, spending=memory), book=rules(prices=BOOK))

        assert "没有计入费用的模型：`a'**b`。" in text

    async def test_without_prices_nothing_is_estimated(self) -> None:
        text = await reply(reporting(None, spending=spent((TODAY, "m", 5, 5))))

        assert "费用约" not in text
        assert text.endswith(CHINESE.balance.no_prices)

    async def test_an_unreachable_provider_leaves_the_own_count(self) -> None:
        text = await reply(reporting(ScriptedAccount([ModelUnavailable("refused")])))

        assert "暂时联系不上" in text
        assert CHINESE.balance.own_count in text

    async def test_the_demo_costs_nothing_and_needs_no_estimate(self) -> None:
        demo = Account(provider="p1", is_free=True)
        memory = spent((TODAY, "demo", 5, 5))

        text = await reply(reporting_on([demo], memory), book=rules(prices=BOOK))

        assert "**p1**：内置的演示模型，不产生费用。" in text
        assert "1 个问题" in text
        assert "费用约" not in text
        assert "估算" not in text

    async def test_beside_the_demo_others_are_estimated(self) -> None:
        accounts = [Account(provider="p1", is_free=True), Account(provider="azure")]
        memory = spent((TODAY, "demo", 5, 5))
        memory.note(replace(ANSWERED, day=TODAY, provider="azure", model="m"))

        text = await reply(reporting_on(accounts, memory), book=rules(prices=BOOK))

        assert "2 个问题" in text
        assert "费用约 USD 0.0004" in text
        assert "没有计入费用的模型" not in text

    async def test_with_nobody_configured_the_count_is_still_there(self) -> None:
        assert CHINESE.balance.own_count in await reply(reporting_on([]))

    async def test_all_of_it_is_said_in_english_too(self) -> None:
        memory = spent((TODAY, "m", 5, 5), (TODAY, "n", 5, 5))
        english = rules(prices=BOOK, wording=ENGLISH)

        text = await reply(reporting(SILENT, spending=memory), book=english)

        assert text.isascii()
        assert "**Today (2026-03-01)**: 2 questions" in text
        assert "an estimate" in text
        assert "for want of a price: `n`." in text
