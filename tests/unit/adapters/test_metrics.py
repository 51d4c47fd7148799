"""What is counted, and that counting changes nothing about what is counted."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from adapters.metrics.doorstep import CountedDoorstep
from adapters.metrics.exposition import Exposition
from adapters.metrics.instruments import Instruments
from adapters.metrics.labels import MOST, FewLabels
from adapters.metrics.messenger import CountedMessenger
from adapters.metrics.models import CountedChatModel, CountedImageModel
from adapters.metrics.outcomes import CountedOutcomes
from application.errors import LeaseLost, ModelGaveNothing, ModelUnavailable, StorageFailed
from application.ports import Acceptance, Arrival, Backlog, Finish, Outcome
from domain.inbox import State
from domain.reply import Busy, ReplyPart, Sent, Undeliverable
from tests.contracts.chat_model import PROMPT
from tests.contracts.storage import said
from tests.fakes.doorstep import InMemoryDoorstep
from tests.fakes.house import claim_of
from tests.fakes.inbox import NotedOutcomes, PreparedInbox
from tests.fakes.messenger import InMemoryMessenger
from tests.fakes.pictures import ScriptedImageModel, drawing
from tests.fakes.scripted_model import ScriptedModel, scripted

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PART = ReplyPart(title="t", text="words")


@pytest.fixture
def counted() -> Instruments:
    return Instruments(CollectorRegistry())


def value(instruments: Instruments, name: str, **labels: str) -> float | None:
    return instruments.registry.get_sample_value(f"chatgpt_dingtalk_{name}", labels)


async def test_what_comes_in_is_counted_by_what_became_of_it(counted: Instruments) -> None:
    doorstep = InMemoryDoorstep()
    door = CountedDoorstep(doorstep, counted)
    arrival = Arrival(message=said("m1"), signed_at=None)

    assert await door.accept(arrival) is Acceptance.STORED
    assert await door.accept(arrival) is Acceptance.DUPLICATE
    doorstep.broken = True
    with pytest.raises(StorageFailed):
        await door.accept(arrival)

    for became in ("stored", "duplicate", "not_stored"):
        assert value(counted, "messages_received_total", acceptance=became) == 1
    assert value(counted, "acceptance_seconds_count") == 3
    assert doorstep.messages == [arrival.message]


async def test_what_is_decided_counts_once_it_is_stored(counted: Instruments) -> None:
    noted = NotedOutcomes()
    outcomes = CountedOutcomes(noted, counted)
    lease = claim_of(said("m1")).lease

    await outcomes.record(lease, Outcome(state=State.ANSWERED, reason="answered"))
    await outcomes.record(lease, Outcome(state=State.REFUSED, reason="over_quota"))
    noted.lost = True
    with pytest.raises(LeaseLost):
        await outcomes.record(lease, Outcome(state=State.ANSWERED, reason="answered"))

    assert value(counted, "messages_decided_total", state="answered", reason="answered") == 1
    assert value(counted, "messages_decided_total", state="refused", reason="over_quota") == 1
    assert value(counted, "quota_refusals_total") == 1


async def test_the_other_steps_go_through(counted: Instruments) -> None:
    noted = NotedOutcomes()
    outcomes = CountedOutcomes(noted, counted)
    lease = claim_of(said("m1")).lease

    await outcomes.note_sent(lease, 1, parts=2)
    await outcomes.settle(lease, 1, delivered=True)
    await outcomes.postpone(lease, until=NOW)

    assert noted.steps == ["sent 1 2", "settle 1 delivered", "postpone 1"]


async def test_deliveries_are_counted_by_what_dingtalk_calls_them(counted: Instruments) -> None:
    taken = InMemoryMessenger()
    taken.will([Sent(), Busy(reason="r", code="410100"), Undeliverable(reason="webhook expired")])
    messenger = CountedMessenger(taken, counted)
    message = said("m1")

    for key in "abc":
        await messenger.send(PART, message, key=key)

    assert value(counted, "deliveries_total", result="sent", code="0") == 1
    assert value(counted, "deliveries_total", result="busy", code="410100") == 1
    assert value(counted, "deliveries_total", result="undeliverable", code="none") == 1
    assert messenger.parts_of("hello", message) == taken.parts_of("hello", message)


async def test_an_answer_is_timed_to_its_first_piece_and_its_tokens_counted(
    counted: Instruments,
) -> None:
    model = CountedChatModel(ScriptedModel(), "one", counted)

    items = [item async for item in model.answer(PROMPT)]

    assert items[:2] == ["a", "b"]
    assert isinstance(items[2], Finish)
    assert value(counted, "first_piece_seconds_count", provider="one") == 1
    assert value(counted, "model_tokens_total", provider="one", direction="prompt") == 5
    assert value(counted, "model_tokens_total", provider="one", direction="answer") == 7


async def test_a_failure_is_counted_by_its_kind_and_goes_on(counted: Instruments) -> None:
    model = CountedChatModel(scripted(("a", ModelUnavailable("gone"))), "one", counted)
    drawer = CountedImageModel(
        ScriptedImageModel([ModelGaveNothing("empty"), drawing()]), "one", counted
    )

    with pytest.raises(ModelUnavailable):
        [item async for item in model.answer(PROMPT)]
    with pytest.raises(ModelGaveNothing):
        await drawer.draw("a cat", asker="somebody")
    assert await drawer.draw("a cat", asker="somebody") == drawing()

    for kind in ("ModelUnavailable", "ModelGaveNothing"):
        assert value(counted, "model_failures_total", provider="one", kind=kind) == 1
    assert value(counted, "model_tokens_total", provider="one", direction="answer") == 3


async def test_giving_up_on_an_answer_ends_the_call_within(counted: Instruments) -> None:
    scripted_model = scripted(("a", timedelta(seconds=60), "b"))
    answer = CountedChatModel(scripted_model, "one", counted).answer(PROMPT)

    assert await anext(answer) == "a"
    await answer.aclose()

    assert scripted_model.running == 0


class Backlogged(PreparedInbox):
    """Has one message, which came an hour ago."""

    looks = 0

    async def backlog(self) -> Backlog:
        self.looks += 1
        if self.broken:
            raise StorageFailed("away")
        return Backlog(messages=1, oldest=NOW - timedelta(hours=1))


async def test_a_scrape_looks_at_the_inbox_and_not_too_often(counted: Instruments) -> None:
    inbox = Backlogged()
    exposition = Exposition(counted, inbox, lambda: NOW)

    text = (await exposition.text()).decode()
    await exposition.text()

    assert "chatgpt_dingtalk_inbox_open_messages 1.0" in text
    assert "chatgpt_dingtalk_inbox_oldest_seconds 3600.0" in text
    assert inbox.looks == 1


async def test_an_empty_inbox_has_no_age(counted: Instruments) -> None:
    text = (await Exposition(counted, PreparedInbox(), lambda: NOW).text()).decode()

    assert "chatgpt_dingtalk_inbox_oldest_seconds 0.0" in text


async def test_without_the_database_there_are_still_the_other_numbers(
    counted: Instruments,
) -> None:
    counted.refused_by_quota.inc()

    text = (await Exposition(counted, Backlogged(broken=1), lambda: NOW).text()).decode()

    assert "chatgpt_dingtalk_quota_refusals_total 1.0" in text


def test_labels_from_outside_stay_few() -> None:
    few = FewLabels()

    labels = {few(str(number)) for number in range(10 * MOST)}

    assert len(labels) == MOST + 1
    assert few("0") == "0"
    assert few(str(5 * MOST)) == "other"
