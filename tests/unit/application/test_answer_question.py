"""A question's way: length, words, quota, model, and what is remembered of it."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from application.admit_question import LONGEST_KEPT, AdmitQuestion, Question
from application.answer_question import AnswerQuestion
from application.errors import ModelFailure, ModelUnavailable
from application.ports import FinishReason, Outcome, Reset
from application.provider_pool import Answered, Restart
from application.rulebook import Rulebook
from application.wording import CHINESE, ENGLISH, Wording
from domain.access import AccessPolicy
from domain.command import Mode
from domain.conversation import MESSAGE_TOKENS, Session, TokenBudget, Turn
from domain.inbox import State
from domain.message import StaffId
from tests.fakes.clock import ManualClock
from tests.fakes.house import (
    CountingLedger,
    LetterCounter,
    PlainPseudonyms,
    ScriptedAsk,
    WholeMessenger,
    answered,
    claim_of,
    rules,
)
from tests.strategies import NOON, message_saying

pytestmark = pytest.mark.anyio

TODAY = date(2026, 3, 1)
ZHANG = message_saying("x").sender.key
OLD = Turn(question="旧问", answer="旧答", tokens=12)


@dataclass
class House:
    ask: ScriptedAsk = field(default_factory=lambda: ScriptedAsk(["你", "好", answered()]))
    ledger: CountingLedger = field(default_factory=CountingLedger)
    brings_picture: bool = False

    async def answer(
        self, text: str, book: Rulebook | None = None, session: Session | None = None
    ) -> Outcome:
        answer_question = AnswerQuestion(
            ask=self.ask,
            admit=AdmitQuestion(ledger=self.ledger, messenger=WholeMessenger()),
            messenger=WholeMessenger(),
            tokens=LetterCounter(),
            pseudonyms=PlainPseudonyms(),
            clock=ManualClock(),
        )
        message = message_saying(text)
        content = replace(message.content, has_unseen_picture=self.brings_picture)
        question = Question(
            claim=claim_of(replace(message, content=content)),
            session=session or Session(touched_at=NOON),
            text=text,
            rules=book or rules(),
        )
        return await answer_question(question)


def said(outcome: Outcome) -> str:
    return "".join(part.text for part in outcome.parts)


def failing(failure: Exception) -> House:
    return House(ask=ScriptedAsk(["半句", failure]))


async def test_an_answer_is_told_stored_and_charged_once() -> None:
    house = House()

    outcome = await house.answer("问题")

    assert (outcome.state, said(outcome), outcome.refund) == (State.ANSWERED, "你好", False)
    assert outcome.exchange is not None
    assert (outcome.exchange.question, outcome.exchange.answer) == ("问题", "你好")
    assert (outcome.exchange.provider, outcome.exchange.model) == ("first", "m-1")
    assert (outcome.exchange.prompt_tokens, outcome.exchange.answer_tokens) == (7, 3)
    assert outcome.exchange.first_token_after == timedelta()
    assert house.ledger.counts == {(ZHANG, TODAY): 1}


async def test_the_model_is_told_a_pseudonym_and_never_who_asks() -> None:
    house = House()

    await house.answer("问题")

    assert house.ask.heard[0].asker == f"pseudonym of {ZHANG}"


async def test_a_question_over_the_length_is_refused_free_of_charge_with_its_length() -> None:
    house = House()

    outcome = await house.answer("长" * 101)

    assert (outcome.state, outcome.reason) == (State.REFUSED, "question_too_long")
    assert "101" in said(outcome)
    assert "100" in said(outcome)
    assert (house.ask.heard, house.ledger.counts) == ([], {})


async def test_what_was_refused_is_kept_masked_and_without_an_answer() -> None:
    sensitive = (await House().answer("说说机 密吧")).exchange
    hidden = (await House().answer("说说机&#23494;")).exchange

    assert sensitive is not None
    assert hidden is not None
    assert (sensitive.question, sensitive.answer, sensitive.day) == ("说说* *吧", "", TODAY)
    assert "机" not in hidden.question


async def test_a_very_long_question_is_kept_in_part() -> None:
    exchange = (await House().answer("长" * (LONGEST_KEPT + 1))).exchange

    assert exchange is not None
    assert exchange.question == "长" * LONGEST_KEPT + "…"


async def test_a_question_of_just_the_length_is_answered() -> None:
    assert (await House().answer("长" * 100)).state is State.ANSWERED


async def test_a_sensitive_question_reaches_no_model_costs_nothing_and_is_not_repeated() -> None:
    house = House()

    outcome = await house.answer("说说机 密吧")

    assert (outcome.state, outcome.reason) == (State.REFUSED, "sensitive_word")
    assert "机" not in said(outcome)
    assert (house.ask.heard, house.ledger.counts) == ([], {})


async def test_a_word_that_entities_hide_is_masked_and_refused_like_any_other() -> None:
    house = House(ask=ScriptedAsk(["这是机&#", "23494;。", answered()]))

    outcome = await house.answer("问", rules(default_mode=Mode.MULTI_TURN))

    assert said(outcome) == "这是\\*\\*。"
    assert outcome.session is not None
    assert outcome.session.turns[0].answer == "这是**。"
    assert (await house.answer("说说机&#23494;")).reason == "sensitive_word"


async def test_sensitive_words_of_an_answer_are_masked_in_all_that_is_kept() -> None:
    house = House(ask=ScriptedAsk(["这是机", "密。", answered()]))

    outcome = await house.answer("问", rules(default_mode=Mode.MULTI_TURN))

    assert said(outcome) == "这是\\*\\*。"
    assert outcome.exchange is not None
    assert outcome.exchange.answer == "这是\\*\\*。"
    assert outcome.session is not None
    assert outcome.session.turns[0].answer == "这是**。"


async def test_over_the_limit_no_model_is_asked_and_the_reset_is_told() -> None:
    house = House()
    house.ledger.counts[ZHANG, TODAY] = 2

    outcome = await house.answer("问")

    assert (outcome.state, outcome.reason) == (State.REFUSED, "over_quota")
    assert "03-02 00:00" in said(outcome)
    assert house.ask.heard == []
    assert house.ledger.counts == {(ZHANG, TODAY): 2}


async def test_vips_and_administrators_are_counted_but_not_limited() -> None:
    staff = frozenset({StaffId("zhang")})
    for policy in (AccessPolicy(vips=staff), AccessPolicy(admins=staff)):
        house = House()
        house.ledger.counts[ZHANG, TODAY] = 2

        outcome = await house.answer("问", rules(access=policy))

        assert outcome.state is State.ANSWERED
        assert house.ledger.counts == {(ZHANG, TODAY): 3}


async def test_a_single_question_goes_alone_and_leaves_nothing() -> None:
    house = House()
    session = Session(turns=(OLD,), touched_at=NOON)

    outcome = await house.answer("问", session=session)

    assert house.ask.heard[0].turns == ()
    assert outcome.session == session


async def test_in_a_conversation_earlier_turns_go_along_and_this_one_is_kept() -> None:
    house = House()
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON)

    outcome = await house.answer("问", session=session)

    assert house.ask.heard[0].turns == (OLD,)
    assert outcome.session is not None
    assert [turn.question for turn in outcome.session.turns] == ["旧问", "问"]
    assert outcome.session.turns[-1].tokens == 3 + 2 * MESSAGE_TOKENS


async def test_a_conversation_that_has_grown_drops_its_oldest_turns_and_never_fails() -> None:
    house = House()
    turns = tuple(Turn(question=str(n), answer="x", tokens=60) for n in range(10))
    session = Session(mode=Mode.MULTI_TURN, turns=turns, touched_at=NOON)

    outcome = await house.answer("问", session=session)

    sent = house.ask.heard[0]
    assert [turn.question for turn in sent.turns] == ["6", "7", "8", "9"]
    assert sent.answer_limit is not None
    assert sum(turn.tokens for turn in sent.turns) + sent.answer_limit <= 400
    assert outcome.session is not None
    assert len(outcome.session.turns) < 10


async def test_the_system_prompt_takes_its_share_of_the_budget() -> None:
    house = House()
    book = rules(system_prompt="系统" * 50, budget=TokenBudget(question=50, answer=20, text=150))
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,) * 3, touched_at=NOON)

    await house.answer("问", book, session)

    assert house.ask.heard[0].system == "系统" * 50
    assert len(house.ask.heard[0].turns) == 1


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
@pytest.mark.parametrize("kind", sorted(CHINESE.failures, key=str))
async def test_every_failure_has_a_sentence_and_gives_the_charge_back(
    kind: type[ModelFailure], wording: Wording
) -> None:
    house = failing(kind("status 500 at secret-host with sk-key"))

    outcome = await house.answer("问", rules(wording=wording))

    assert (outcome.state, outcome.refund) == (State.FAILED, True)
    assert said(outcome) == wording.failures[kind]
    assert outcome.exchange is not None
    assert outcome.exchange.answer == ""


def test_every_kind_of_failure_is_in_the_catalogue() -> None:
    assert set(CHINESE.failures) == set(ENGLISH.failures) == set(ModelFailure.__subclasses__())


async def test_a_failed_question_leaves_the_conversation_as_it_was() -> None:
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON)

    outcome = await failing(ModelUnavailable("x")).answer("问", session=session)

    assert outcome.session == session


async def test_a_blank_answer_is_none() -> None:
    outcome = await House(ask=ScriptedAsk([" \n\u200b", answered()])).answer("问")

    assert (outcome.state, outcome.refund) == (State.FAILED, True)


@pytest.mark.parametrize("anew", [Restart(), Reset()])
async def test_what_a_failed_try_said_is_dropped_when_another_begins(
    anew: Restart | Reset,
) -> None:
    house = House(ask=ScriptedAsk(["半机", anew, "密全", "文", answered()]))

    assert said(await house.answer("问")) == "密全文"


async def test_an_answer_cut_by_its_length_says_so_and_is_kept_without_the_remark() -> None:
    house = House(ask=ScriptedAsk(["前半 ", answered(FinishReason.LENGTH)]))

    outcome = await house.answer("问")

    assert said(outcome) == f"前半\n\n{CHINESE.cut_short}"
    assert outcome.exchange is not None
    assert outcome.exchange.answer == "前半 "


async def test_a_provider_that_tells_no_counts_is_no_trouble() -> None:
    finish = answered().finish
    silent = Answered(provider="p", finish=type(finish)(reason=FinishReason.COMPLETE, model="m"))

    outcome = await House(ask=ScriptedAsk(["好", silent])).answer("问")

    assert outcome.exchange is not None
    assert (outcome.exchange.prompt_tokens, outcome.exchange.answer_tokens) == (0, 0)


async def test_turns_are_masked_again_before_they_go_along() -> None:
    """A word may have been listed since they were kept."""
    house = House(ask=ScriptedAsk(["好", answered()]))
    old = Turn(question="机密？", answer="[机](http://a.example)密", tokens=1)
    session = Session(mode=Mode.MULTI_TURN, turns=(old,), touched_at=NOON)

    await house.answer("问", rules(default_mode=Mode.MULTI_TURN), session)

    ((heard,),) = [prompt.turns for prompt in house.ask.heard]
    assert (heard.question, heard.answer) == ("**？", "[*](http://a.example)*")


async def test_an_answer_begins_with_what_was_not_looked_at() -> None:
    outcome = await House(brings_picture=True).answer("这是什么？")

    assert said(outcome) == f"{CHINESE.picture_not_seen}\n\n你好"
    assert outcome.exchange is not None
    assert outcome.exchange.answer == "你好"
