"""What goes along with a question, and when a session ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.command import Mode
from domain.conversation import (
    MESSAGE_TOKENS,
    REPLY_TOKENS,
    Session,
    TokenBudget,
    Turn,
    fixed_tokens,
    turn_of,
)
from domain.errors import InvalidValue
from tests.strategies import NOON, turns

TEN_MINUTES = timedelta(minutes=10)
budgets = st.builds(
    TokenBudget, question=st.integers(1, 300), answer=st.integers(1, 300), text=st.integers(1, 300)
)
talks = st.lists(turns, max_size=8)
A_TURN = Turn(question="问", answer="答", tokens=10)


@given(budgets, talks, st.integers(0, 200))
def test_history_question_and_answer_stay_within_the_budget(
    budget: TokenBudget, talk: list[Turn], fixed: int
) -> None:
    kept = budget.fitting(talk, fixed=fixed)

    if kept:
        assert fixed + sum(turn.tokens for turn in kept) + budget.reserved <= budget.text


@given(budgets, talks, st.integers(0, 200))
def test_the_newest_turns_are_kept_whole_and_as_many_as_fit(
    budget: TokenBudget, talk: list[Turn], fixed: int
) -> None:
    kept = budget.fitting(talk, fixed=fixed)

    assert list(kept) == talk[len(talk) - len(kept) :]
    if len(kept) < len(talk):
        one_more = talk[len(talk) - len(kept) - 1 :]
        assert fixed + sum(turn.tokens for turn in one_more) + budget.reserved > budget.text


@given(budgets)
def test_an_answer_shorter_than_the_text_is_reserved_whole(budget: TokenBudget) -> None:
    if budget.answer < budget.text:
        assert budget.reserved == budget.answer


def test_history_goes_along_even_where_the_answer_may_fill_the_text() -> None:
    budget = TokenBudget(question=4096, answer=4096, text=4096)

    assert budget.fitting([A_TURN], fixed=100) == (A_TURN,)


@given(budgets, st.integers(0, 600))
def test_an_answer_is_never_promised_more_than_is_allowed(
    budget: TokenBudget, prompt_tokens: int
) -> None:
    limit = budget.answer_limit(prompt_tokens)

    assert limit <= budget.answer
    assert limit >= min(budget.answer, budget.reserved)


@given(budgets, talks, st.integers(0, 200))
def test_a_prompt_with_history_and_its_answer_stay_within_the_text(
    budget: TokenBudget, talk: list[Turn], fixed: int
) -> None:
    kept = budget.fitting(talk, fixed=fixed)
    prompt_tokens = fixed + sum(turn.tokens for turn in kept)

    if kept:
        assert prompt_tokens + budget.answer_limit(prompt_tokens) <= budget.text


@pytest.mark.parametrize("field", ["question", "answer", "text"])
def test_a_budget_of_nothing_is_none(field: str) -> None:
    sizes = {"question": 1, "answer": 1, "text": 1} | {field: 0}

    with pytest.raises(InvalidValue):
        TokenBudget(**sizes)


def test_a_turn_counts_both_messages_and_their_marks() -> None:
    assert turn_of("ab", "abc", len).tokens == 5 + 2 * MESSAGE_TOKENS


def test_a_prompt_costs_its_marks_and_a_system_prompt_if_there_is_one() -> None:
    assert fixed_tokens("", 7, len) == 7 + MESSAGE_TOKENS + REPLY_TOKENS
    assert fixed_tokens("abc", 7, len) == 7 + 3 + 2 * MESSAGE_TOKENS + REPLY_TOKENS


@given(st.integers(0, 1200))
def test_mode_and_context_end_after_the_time_without_a_message(seconds: int) -> None:
    session = Session(mode=Mode.MULTI_TURN, turns=(A_TURN,), touched_at=NOON)
    later = NOON + timedelta(seconds=seconds)

    now = session.at(later, timeout=TEN_MINUTES)

    assert (now.mode, now.turns) == ((Mode.MULTI_TURN, (A_TURN,)) if seconds < 600 else (None, ()))
    assert now.touched_at == later


def test_a_message_that_was_received_earlier_does_not_age_a_session() -> None:
    session = Session(mode=Mode.MULTI_TURN, touched_at=NOON)

    assert session.at(NOON - TEN_MINUTES, timeout=TEN_MINUTES) == session


def test_a_session_nobody_touched_yet_is_empty() -> None:
    fresh = Session(mode=Mode.MULTI_TURN, turns=(A_TURN,)).at(NOON, timeout=TEN_MINUTES)

    assert fresh == Session(touched_at=NOON)


def test_leaving_a_conversation_forgets_it_and_staying_does_not() -> None:
    session = Session(mode=Mode.MULTI_TURN, turns=(A_TURN,), touched_at=NOON)

    assert session.in_mode(Mode.MULTI_TURN).turns == (A_TURN,)
    assert session.in_mode(Mode.SINGLE_TURN).turns == ()
    assert session.plus(A_TURN).turns == (A_TURN, A_TURN)
    assert session.with_turns(()).turns == ()
