"""A wish's way: can it be shown, may it be drawn, was it drawn, kept and taken; and what is remembered."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from application.admit_question import AdmitQuestion, Question
from application.errors import ModelFailure
from application.generate_image import GenerateImage
from application.ports import Drawing, Outcome
from application.provider import Provider
from application.provider_pool import ProviderPool
from application.rulebook import Rulebook
from application.wording import CHINESE, ENGLISH, Wording
from domain.command import Mode
from domain.conversation import Session, Turn
from domain.inbox import State
from tests.fakes.clock import ManualClock
from tests.fakes.house import (
    CountingLedger,
    LetterCounter,
    PlainPseudonyms,
    WholeMessenger,
    claim_of,
    rules,
)
from tests.fakes.pictures import InMemoryShelf, ScriptedUpload, drawing
from tests.strategies import NOON, message_saying

pytestmark = pytest.mark.anyio

PUBLIC = "https://robot.example"
SESSION = Session(
    mode=Mode.MULTI_TURN,
    turns=(Turn(question="旧问", answer="旧答", tokens=12),),
    touched_at=NOON,
)


@dataclass
class Studio:
    """Draws at once, or fails."""

    clock: ManualClock
    failure: ModelFailure | None = None
    drawing: Drawing = field(default_factory=drawing)
    wishes: list[tuple[str, str]] = field(default_factory=list)

    async def draw(self, prompt: str, *, asker: str) -> Drawing:
        self.wishes.append((prompt, asker))
        self.clock.pass_by(timedelta(seconds=9))
        if self.failure:
            raise self.failure
        return self.drawing


@dataclass
class House:
    service_url: str = ""
    upload: ScriptedUpload = field(default_factory=ScriptedUpload)
    shelf: InMemoryShelf = field(default_factory=InMemoryShelf)
    ledger: CountingLedger = field(default_factory=CountingLedger)
    clock: ManualClock = field(default_factory=ManualClock)
    failure: ModelFailure | None = None

    def __post_init__(self) -> None:
        self.studio = Studio(self.clock, self.failure)

    async def draw(self, text: str = "雪山", book: Rulebook | None = None) -> Outcome:
        draw_picture = GenerateImage(
            pool=ProviderPool(
                providers=[
                    Provider(name="first", model=self.studio, concurrency=1, model_name="m")
                ],
                clock=self.clock,
                time_limit=timedelta(minutes=10),
                most_tries=1,
            ),
            admit=AdmitQuestion(ledger=self.ledger, messenger=WholeMessenger()),
            shelf=self.shelf,
            upload=self.upload,
            messenger=WholeMessenger(),
            tokens=LetterCounter(),
            pseudonyms=PlainPseudonyms(),
            clock=self.clock,
            service_url=self.service_url,
        )
        claim = claim_of(message_saying(text))
        book = book or rules()
        return await draw_picture(Question(claim=claim, session=SESSION, text=text, rules=book))

    @property
    def charges(self) -> int:
        return sum(self.ledger.counts.values())


def without_credentials() -> ScriptedUpload:
    return ScriptedUpload(robots=frozenset())


def said(outcome: Outcome) -> str:
    return "".join(part.text for part in outcome.parts)


async def test_a_picture_that_dingtalk_takes_is_shown_by_its_media_id_with_the_prompt() -> None:
    house = House()

    outcome = await house.draw("雪山下的木屋")

    assert (outcome.state, outcome.refund) == (State.ANSWERED, False)
    assert said(outcome) == "![](@lADPexample1)\n\n> 雪山下的木屋"
    assert house.upload.taken == list(house.shelf.pictures.values())
    assert house.charges == 1


async def test_without_credentials_it_is_shown_from_the_service_s_own_address() -> None:
    house = House(service_url=PUBLIC, upload=without_credentials())

    outcome = await house.draw()

    (name,) = house.shelf.pictures
    url = f"{PUBLIC}/images/{name}"
    assert said(outcome) == f"![]({url})\n\n> 雪山\n\n[查看原图]({url})"


async def test_what_dingtalk_refuses_is_linked_where_that_is_possible() -> None:
    house = House(service_url=PUBLIC, upload=ScriptedUpload(refusals=9))

    outcome = await house.draw()

    assert outcome.state is State.ANSWERED
    assert f"![]({PUBLIC}/images/" in said(outcome)
    assert house.charges == 1


async def test_what_dingtalk_refuses_and_nobody_could_see_is_given_back_and_not_kept() -> None:
    house = House(upload=ScriptedUpload(refusals=9))

    outcome = await house.draw()

    assert (outcome.state, outcome.reason, outcome.refund) == (State.FAILED, "UploadFailed", True)
    assert said(outcome) == CHINESE.pictures.not_uploaded
    assert house.shelf.pictures == {}
    assert outcome.exchange is not None
    assert (outcome.exchange.picture, outcome.exchange.answer) == ("", "")
    assert outcome.exchange.answer_tokens == 3


async def test_a_shelf_that_lets_nothing_go_changes_nothing_about_that() -> None:
    house = House(upload=ScriptedUpload(refusals=9), shelf=InMemoryShelf(keeps_all=True))

    outcome = await house.draw()

    assert outcome.reason == "UploadFailed"
    assert len(house.shelf.pictures) == 1


async def test_without_an_image_model_one_sentence_says_so_and_nothing_is_charged() -> None:
    house = House(service_url=PUBLIC)

    outcome = await house.draw(book=replace(rules(), draws=False))

    assert (outcome.state, outcome.reason) == (State.REFUSED, "pictures_off")
    assert said(outcome) == CHINESE.pictures.off
    assert (house.studio.wishes, house.charges) == ([], 0)


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
async def test_where_it_could_not_be_shown_nothing_is_drawn_or_charged_and_the_keys_are_named(
    wording: Wording,
) -> None:
    house = House(upload=without_credentials())

    outcome = await house.draw(book=rules(wording=wording))

    assert (outcome.state, outcome.reason) == (State.REFUSED, "pictures_not_set_up")
    assert re.findall(r"`(\w+)`", said(outcome)) == [
        "credentials",
        "client_id",
        "client_secret",
        "service_url",
    ]
    assert (house.studio.wishes, house.charges, house.shelf.pictures) == ([], 0, {})
    assert outcome.session == SESSION


async def test_a_picture_goes_through_the_same_gate_as_a_question() -> None:
    house = House()
    long = await house.draw("长" * 101)
    sensitive = await house.draw("画机 密")

    assert (long.reason, sensitive.reason) == ("question_too_long", "sensitive_word")
    assert (house.studio.wishes, house.charges) == ([], 0)

    house.ledger.counts[message_saying("x").sender.key, rules().quota.day_of(NOON)] = 2
    assert (await house.draw()).reason == "over_quota"
    assert house.studio.wishes == []


async def test_a_picture_that_cannot_be_kept_is_given_back_and_never_uploaded() -> None:
    house = House(service_url=PUBLIC, shelf=InMemoryShelf(is_broken=True))

    outcome = await house.draw()

    assert (outcome.state, outcome.reason, outcome.refund) == (State.FAILED, "StorageFailed", True)
    assert said(outcome) == CHINESE.pictures.not_kept
    assert house.upload.taken == []


@pytest.mark.parametrize("kind", sorted(CHINESE.failures, key=str))
async def test_every_failure_of_the_model_is_said_and_given_back(
    kind: type[ModelFailure],
) -> None:
    house = House(failure=kind("status 500 at secret-host"))

    outcome = await house.draw()

    assert (outcome.state, outcome.reason, outcome.refund) == (State.FAILED, kind.__name__, True)
    assert said(outcome) == CHINESE.failures[kind]
    assert (outcome.session, house.shelf.pictures) == (SESSION, {})
    assert outcome.exchange is not None
    assert (outcome.exchange.question, outcome.exchange.picture) == ("雪山", "")


async def test_the_history_has_the_prompt_the_picture_and_what_it_cost() -> None:
    house = House()

    exchange = (await house.draw("雪山")).exchange

    assert exchange is not None
    assert (exchange.question, exchange.answer) == ("雪山", CHINESE.pictures.in_history)
    assert list(house.shelf.pictures) == [exchange.picture]
    assert (exchange.provider, exchange.model) == ("first", "m-1")
    assert (exchange.prompt_tokens, exchange.answer_tokens) == (7, 3)
    assert (exchange.first_token_after, exchange.took) == (None, timedelta(seconds=9))


async def test_a_model_that_counts_no_tokens_is_no_trouble() -> None:
    house = House()
    house.studio.drawing = Drawing(picture=drawing().picture, model="m")
    exchange = (await house.draw()).exchange

    assert exchange is not None
    assert (exchange.prompt_tokens, exchange.answer_tokens) == (0, 0)


async def test_the_conversation_stays_as_it_was() -> None:
    assert (await House().draw()).session == SESSION


async def test_the_model_is_told_a_pseudonym_and_all_of_the_prompt() -> None:
    house = House()

    await house.draw("很\n长" * 30)

    (wish,) = house.studio.wishes
    assert wish == ("很\n长" * 30, f"pseudonym of {message_saying('x').sender.key}")


async def test_a_long_prompt_is_shown_by_its_beginning_on_one_line() -> None:
    outcome = await House().draw("很\n长" * 200, rules(budget=_wide_budget()))

    (_, shown) = said(outcome).split("\n\n")
    assert shown.startswith("> 很 长很 长")
    assert shown.endswith("…")
    assert len(shown) <= 302


def _wide_budget() -> object:
    budget = rules().budget
    return budget.__class__(question=10_000, answer=100, text=20_000)
