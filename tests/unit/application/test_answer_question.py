"""A question's way: length, words, quota, model, and what is remembered of it."""

import html
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.admit_question import LONGEST_KEPT, AdmitQuestion, Question
from application.answer_question import CUT_OFF, AnswerQuestion
from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGone,
    ModelOutOfFunds,
    ModelUnavailable,
)
from application.ports import ChatModel, Finish, FinishReason, Outcome, Reset, Thought
from application.provider import Provider
from application.provider_pool import ProviderPool
from application.rulebook import Rulebook
from application.streamed_answer import SHOWN
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
    WholeMessenger,
    claim_of,
    rules,
)
from tests.fakes.scripted_model import Line, ScriptedModel
from tests.strategies import NOON, message_saying

pytestmark = pytest.mark.anyio

TODAY = date(2026, 3, 1)
ZHANG = message_saying("x").sender.key
OLD = Turn(question="旧问", answer="旧答", tokens=12)


@dataclass
class House:
    model: ScriptedModel = field(default_factory=lambda: saying("你", "好"))
    backup: ScriptedModel | None = None
    ledger: CountingLedger = field(default_factory=CountingLedger)
    brings_picture: bool = False
    pool: ProviderPool[ChatModel] = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ProviderPool(
            providers=[
                Provider(name=name, model=model, concurrency=1, model_name=f"{name}'s")
                for name, model in (("first", self.model), ("second", self.backup))
                if model is not None
            ],
            clock=ManualClock(),
            time_limit=timedelta(minutes=10),
        )

    async def answer(
        self, text: str, book: Rulebook | None = None, session: Session | None = None
    ) -> Outcome:
        answer_question = AnswerQuestion(
            pool=self.pool,
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


def saying(*lines: Line, reason: FinishReason = FinishReason.COMPLETE) -> ScriptedModel:
    finish = Finish(reason=reason, model="m-1", prompt_tokens=7, answer_tokens=3, thought_tokens=2)
    return ScriptedModel(takes=[lines], finish=finish)


def failing(failure: ModelFailure) -> House:
    return House(model=saying(failure))


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

    assert house.model.heard[0].asker == f"pseudonym of {ZHANG}"


async def test_a_question_over_the_length_is_refused_free_of_charge_with_its_length() -> None:
    house = House()

    outcome = await house.answer("长" * 101)

    assert (outcome.state, outcome.reason) == (State.REFUSED, "question_too_long")
    assert "101" in said(outcome)
    assert "100" in said(outcome)
    assert (house.model.heard, house.ledger.counts) == ([], {})


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
    assert (house.model.heard, house.ledger.counts) == ([], {})


async def test_a_word_that_entities_hide_is_masked_and_refused_like_any_other() -> None:
    house = House(model=saying("这是机&#", "23494;。"))

    outcome = await house.answer("问", rules(default_mode=Mode.MULTI_TURN))

    assert said(outcome) == "这是\\*\\*。"
    assert outcome.session is not None
    assert outcome.session.turns[0].answer == "这是**。"
    assert (await house.answer("说说机&#23494;")).reason == "sensitive_word"


async def test_sensitive_words_of_an_answer_are_masked_in_all_that_is_kept() -> None:
    house = House(model=saying("这是机", "密。"))

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
    assert house.model.heard == []
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

    assert house.model.heard[0].turns == ()
    assert outcome.session == session


async def test_in_a_conversation_earlier_turns_go_along_and_this_one_is_kept() -> None:
    house = House()
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,), touched_at=NOON)

    outcome = await house.answer("问", session=session)

    assert house.model.heard[0].turns == (OLD,)
    assert outcome.session is not None
    assert [turn.question for turn in outcome.session.turns] == ["旧问", "问"]
    assert outcome.session.turns[-1].tokens == 3 + 2 * MESSAGE_TOKENS


async def test_a_conversation_that_has_grown_drops_its_oldest_turns_and_never_fails() -> None:
    house = House()
    turns = tuple(Turn(question=str(n), answer="x", tokens=60) for n in range(10))
    session = Session(mode=Mode.MULTI_TURN, turns=turns, touched_at=NOON)

    outcome = await house.answer("问", session=session)

    sent = house.model.heard[0]
    assert [turn.question for turn in sent.turns] == ["6", "7", "8", "9"]
    assert sent.answer_limit is not None
    assert sum(turn.tokens for turn in sent.turns) + sent.answer_limit <= 400
    assert outcome.session is not None
    assert len(outcome.session.turns) < 10


async def test_the_system_prompt_takes_its_share_of_the_budget() -> None:
    house = House()
    book = rules(system_prompt="系统" * 50, budget=TokenBudget(question=50, answer=20, text=170))
    session = Session(mode=Mode.MULTI_TURN, turns=(OLD,) * 3, touched_at=NOON)

    await house.answer("问", book, session)

    assert house.model.heard[0].system == "系统" * 50
    assert len(house.model.heard[0].turns) == 1


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
    outcome = await House(model=saying(" \n\u200b")).answer("问")

    assert (outcome.state, outcome.refund) == (State.FAILED, True)


async def test_what_a_failed_try_said_is_dropped_when_another_is_whole() -> None:
    house = House(model=saying("半机", ModelCutOff("cut")), backup=saying("密全", "文"))
    house.model.takes.append(())

    assert said(await house.answer("问")) == "密全文"


async def test_text_that_turns_out_to_be_thought_is_dropped() -> None:
    assert said(await House(model=saying("半机", Reset(), "密全", "文")).answer("问")) == "密全文"


async def test_an_answer_cut_by_its_length_says_so_and_is_kept_without_the_remark() -> None:
    house = House(model=saying("前半 ", reason=FinishReason.LENGTH))

    outcome = await house.answer("问")

    assert said(outcome) == f"前半\n\n{CHINESE.cut_short}"
    assert outcome.exchange is not None
    assert outcome.exchange.answer == "前半 "


async def test_a_provider_that_tells_no_counts_is_no_trouble() -> None:
    model = saying("好")
    model.finish = Finish(reason=FinishReason.COMPLETE, model="m")

    outcome = await House(model=model).answer("问")

    assert outcome.exchange is not None
    assert (outcome.exchange.prompt_tokens, outcome.exchange.answer_tokens) == (0, 0)
    assert outcome.exchange.thought_tokens is None


async def test_where_no_provider_ends_its_answer_the_longest_part_is_delivered_and_charged() -> (
    None
):
    cut = ModelCutOff("cut")
    house = House(model=saying("前半", cut), backup=saying("前半句话机密", cut))
    house.backup.takes.append(("短", cut))  # type: ignore[union-attr] # it is there

    outcome = await house.answer("问", rules(default_mode=Mode.MULTI_TURN))

    assert (outcome.state, outcome.reason, outcome.refund) == (State.ANSWERED, CUT_OFF, False)
    assert said(outcome) == f"前半句话\\*\\*\n\n{CHINESE.cut_off}"
    assert outcome.session is not None
    assert outcome.session.turns[-1].answer == "前半句话**"
    exchange = outcome.exchange
    assert exchange is not None
    assert (exchange.answer, exchange.provider, exchange.model) == (
        "前半句话\\*\\*",
        "second",
        "second's",
    )
    assert [one.provider for one in exchange.attempts] == ["first"] * 3 + ["second"] * 3


async def test_a_part_of_a_declined_answer_is_never_delivered() -> None:
    house = House(model=saying("前半", ModelCutOff("cut")))
    house.model.takes.append(("后半", ModelDeclined("content_filter")))

    outcome = await house.answer("问")

    assert (outcome.state, outcome.reason) == (State.FAILED, "ModelDeclined")
    assert said(outcome) == CHINESE.failures[ModelDeclined]
    assert outcome.exchange is not None
    assert outcome.exchange.answer == ""


async def test_a_blank_answer_after_a_part_of_one_leaves_the_part() -> None:
    house = House(model=saying("前半", ModelCutOff("cut")))
    house.model.takes.append(("\u200b",))

    outcome = await house.answer("问")

    assert (outcome.reason, said(outcome)) == (CUT_OFF, f"前半\n\n{CHINESE.cut_off}")


async def test_the_record_of_a_question_names_every_provider_and_what_came_of_it() -> None:
    house = House(model=saying(ModelOutOfFunds("402")), backup=saying("好"))

    exchange = (await house.answer("问")).exchange

    assert exchange is not None
    assert [
        (one.provider, one.model, one.outcome, one.then.value) for one in exchange.attempts
    ] == [
        ("first", "first's", "ModelOutOfFunds", "next"),
        ("second", "second's", "answered", "end"),
    ]
    assert exchange.provider == "second"


async def test_the_record_of_a_failed_question_names_every_provider() -> None:
    house = House(model=saying(ModelOutOfFunds("402")), backup=saying(ModelGone("404")))

    exchange = (await house.answer("问")).exchange

    assert exchange is not None
    assert [one.outcome for one in exchange.attempts] == ["ModelOutOfFunds", "ModelGone"]


async def test_a_provider_that_cools_down_is_in_the_record_of_the_next_question() -> None:
    house = House(model=saying(ModelGone("404")), backup=saying("好"))

    first = (await house.answer("问")).exchange
    second = (await house.answer("问")).exchange

    assert first is not None
    assert second is not None
    assert [one.outcome for one in first.attempts] == ["ModelGone", "answered"]
    assert [one.outcome for one in second.attempts] == ["cooling_down", "answered"]


async def test_an_answer_of_the_first_provider_has_no_attempts_in_its_record() -> None:
    exchange = (await House().answer("问")).exchange

    assert exchange is not None
    assert (exchange.attempts, exchange.thought_tokens) == ((), 2)


async def test_a_declined_question_goes_on_if_the_rules_say_so() -> None:
    house = House(model=saying(ModelDeclined("filter")), backup=saying("好"))

    assert said(await house.answer("问", rules(fallback_on_declined=True))) == "好"


async def test_the_length_of_an_answer_is_left_to_the_model_where_nobody_limits_it() -> None:
    house = House()

    await house.answer("问", rules(budget=TokenBudget(question=100, text=400)))

    assert house.model.heard[0].answer_limit is None


SECRET_THOUGHT = "机密的想法"

cuttings = st.lists(st.integers(1, 5), max_size=6)


def in_pieces(text: str, sizes: list[int]) -> list[str]:
    """The text cut at these sizes, one after another; the last piece is the rest."""
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [one for one in (*pieces, text) if one]


@given(thoughts=st.text(alphabet="机密想法`*<>\n ", min_size=1, max_size=40), sizes=cuttings)
async def test_thoughts_are_never_shown_titled_stored_or_sent_back_by_default(
    thoughts: str, sizes: list[int]
) -> None:
    marked = f"Z{thoughts}Z"
    lines: list[Line] = [Thought(one) for one in in_pieces(marked, sizes)]
    house = House(model=saying(*lines, "你", lines[0], "好"))
    book = rules(default_mode=Mode.MULTI_TURN)

    outcome = await house.answer("问", book)
    assert outcome.session is not None
    await house.answer("再问", book, outcome.session)

    assert said(outcome) == "你好"
    assert "Z" not in repr(outcome)
    assert "Z" not in repr(house.model.heard[1])


@given(sizes=cuttings)
async def test_shown_thoughts_are_above_the_answer_masked_and_nowhere_else(
    sizes: list[int],
) -> None:
    lines: list[Line] = [Thought(one) for one in in_pieces(SECRET_THOUGHT, sizes)]
    house = House(model=saying(*lines, "你好"))
    book = rules(default_mode=Mode.MULTI_TURN, show_reasoning=True)

    outcome = await house.answer("问", book)
    assert outcome.session is not None
    await house.answer("再问", book, outcome.session)

    shown = "".join(map(html.unescape, said(outcome)))
    assert html.unescape(shown) == f"> **{CHINESE.reasoning}**\n>\n> **的想法\n\n你好"
    assert outcome.exchange is not None
    assert outcome.exchange.answer == outcome.session.turns[-1].answer == "你好"
    assert "想法" not in repr((outcome.exchange, outcome.session, house.model.heard))


@pytest.mark.parametrize("length", [10, 600, 601, 3999, 4001, 50_000])
async def test_however_long_the_thoughts_only_their_beginning_and_end_are_shown(
    length: int,
) -> None:
    thoughts = f"首{'想' * (length - 2)}尾"
    lines: list[Line] = [Thought(one) for one in in_pieces(thoughts, [7] * (length // 7))]

    outcome = await House(model=saying(*lines, "答")).answer("问", rules(show_reasoning=True))

    quoted = said(outcome).partition("\n>\n> ")[2].partition("\n\n")[0]
    assert quoted.startswith("首")
    assert quoted.endswith("尾")
    assert len(quoted) <= 2 * SHOWN + len(" … ")
    assert (" … " in quoted) == (length > 2 * SHOWN)


async def test_the_thoughts_of_a_try_that_failed_are_not_shown() -> None:
    house = House(model=saying(Thought("旧想法"), ModelGone("404")), backup=saying("好"))
    reset = House(model=saying(Thought("旧想法"), Reset(), Thought("新想法"), "好"))

    assert said(await house.answer("问", rules(show_reasoning=True))) == "好"
    assert "旧" not in said(await reset.answer("问", rules(show_reasoning=True)))


async def test_turns_are_masked_again_before_they_go_along() -> None:
    """A word may have been listed since they were kept."""
    house = House(model=saying("好"))
    old = Turn(question="机密？", answer="[机](http://a.example)密", tokens=1)
    session = Session(mode=Mode.MULTI_TURN, turns=(old,), touched_at=NOON)

    await house.answer("问", rules(default_mode=Mode.MULTI_TURN), session)

    ((heard,),) = [prompt.turns for prompt in house.model.heard]
    assert (heard.question, heard.answer) == ("**？", "[*](http://a.example)*")


async def test_an_answer_begins_with_what_was_not_looked_at() -> None:
    outcome = await House(brings_picture=True).answer("这是什么？")

    assert said(outcome) == f"{CHINESE.picture_not_seen}\n\n你好"
    assert outcome.exchange is not None
    assert outcome.exchange.answer == "你好"
