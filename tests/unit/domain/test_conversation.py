"""What goes along with a question, and when a session ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.command import Mode
from domain.conversation import (
    MESSAGE_TOKENS,
    REPLY_TOKENS,
    USUAL_ANSWER,
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
    TokenBudget,
    question=st.integers(1, 300),
    answer=st.none() | st.integers(1, 300),
    text=st.integers(1, 300) | st.integers(4000, 20_000),
    limits_text=st.booleans(),
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
        one_more = fixed + sum(turn.tokens for turn in talk[len(talk) - len(kept) - 1 :])
        margin = budget.text // 32 + one_more // 8
        assert one_more + margin + budget.reserved > budget.text


@given(budgets)
def test_an_answer_shorter_than_the_text_is_reserved_whole(budget: TokenBudget) -> None:
    answer = budget.answer or USUAL_ANSWER

    assert budget.reserved == (answer if answer < budget.text else budget.text // 2)


def test_history_goes_along_even_where_the_answer_may_fill_the_text() -> None:
    budget = TokenBudget(question=4096, answer=4096, text=4096)

    assert budget.fitting([A_TURN], fixed=100) == (A_TURN,)


@given(budgets, st.integers(0, 600))
def test_an_answer_is_never_promised_more_than_is_allowed(
    budget: TokenBudget, prompt_tokens: int
) -> None:
    limit = budget.answer_limit(prompt_tokens)

    if limit is not None:
        assert limit <= (budget.answer or budget.text)
        assert limit >= min(budget.answer or budget.text, budget.reserved)


@given(budgets, st.integers(0, 30_000))
def test_the_length_of_an_answer_is_left_to_the_model_where_nobody_limits_it(
    budget: TokenBudget, prompt_tokens: int
) -> None:
    limit = budget.answer_limit(prompt_tokens)

    if budget.answer is None and not budget.limits_text:
        assert limit is None
    if budget.answer is not None:
        assert limit is not None


def test_a_chosen_text_limits_answers_only_where_it_leaves_little_for_them() -> None:
    budget = TokenBudget(question=4096, text=8192, limits_text=True)

    assert budget.answer_limit(100) is None
    assert budget.answer_limit(4000) == 4096
    assert TokenBudget(question=4096, text=4096, limits_text=True).answer_limit(40) == 3923


def test_a_short_question_and_its_answer_leave_a_margin_within_the_text() -> None:
    budget = TokenBudget(question=4096, answer=4096, text=4096)

    assert budget.answer_limit(20) == 4096 - 20 - 128 - 2


@given(budgets, talks, st.integers(0, 200))
def test_a_prompt_with_history_and_its_answer_stay_within_the_text(
    budget: TokenBudget, talk: list[Turn], fixed: int
) -> None:
    kept = budget.fitting(talk, fixed=fixed)
    prompt_tokens = fixed + sum(turn.tokens for turn in kept)

    limit = budget.answer_limit(prompt_tokens)

    if kept and limit is not None:
        assert prompt_tokens + prompt_tokens // 8 + limit <= budget.text


@pytest.mark.parametrize(("question", "answer", "text"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_budget_of_nothing_is_none(question: int, answer: int, text: int) -> None:
    with pytest.raises(InvalidValue):
        TokenBudget(question=question, answer=answer, text=text)


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
