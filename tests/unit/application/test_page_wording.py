"""What the history page says about a question, a day and a moment."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from string import Formatter

import pytest

from application.errors import ModelFailure
from application.wording.pages import CHINESE, ENGLISH, PageWording
from domain.failover import (
    ANSWERED,
    COOLING_DOWN,
    NO_PLACE,
    NOT_SUITABLE,
    Attempt,
    FailureKind,
    Then,
)
from domain.history import Record
from domain.inbox import State
from domain.message import RoomKind

RECORD = Record(
    id=1,
    asked_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    nick="张三",
    room_kind=RoomKind.PRIVATE,
    room_title="",
    state=State.DELIVERED,
    reason="answered",
    question="你好",
    answer="你好！",
    picture="",
    provider="default",
    model="some-model",
    prompt_tokens=1200,
    answer_tokens=345,
    first_token_after=timedelta(milliseconds=812),
    took=timedelta(milliseconds=4210),
)

LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh", "en"])


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_fill_the_same_places() -> None:
    for one in fields(PageWording):
        chinese, english = getattr(CHINESE, one.name), getattr(ENGLISH, one.name)
        if isinstance(chinese, str):
            assert _placeholders(chinese) == _placeholders(english), one.name
        else:
            assert len(chinese) == len(english), one.name


@LANGUAGES
def test_every_state_room_and_failure_of_a_model_has_words(words: PageWording) -> None:
    assert set(words.states) == set(State)
    assert set(words.rooms) == set(RoomKind)
    assert {kind.__name__ for kind in ModelFailure.__subclasses__()} <= set(words.reasons)


def test_a_day_is_written_as_people_write_it() -> None:
    assert CHINESE.day(date(2026, 3, 1)) == "2026 年 3 月 1 日 星期日"
    assert ENGLISH.day(date(2026, 12, 31)) == "Thursday, 31 December 2026"


def test_a_moment_is_written_in_its_own_zone() -> None:
    assert CHINESE.moment(RECORD.asked_at) == "2026-03-01 12:00"


def test_a_failure_names_its_reason() -> None:
    failed = replace(RECORD, state=State.FAILED, reason="ModelUnavailable")

    assert CHINESE.outcome(failed) == "失败：模型没有响应"
    assert ENGLISH.outcome(failed) == "Failed: the model did not respond"


def test_a_reason_without_words_is_not_named() -> None:
    assert CHINESE.outcome(RECORD) == "已送达"
    assert CHINESE.outcome(replace(RECORD, state=State.FAILED, reason="<b>")) == "失败"


def test_facts_tell_who_answered_with_how_much_and_how_fast() -> None:
    assert CHINESE.facts(RECORD) == (
        "default · some-model",
        "提问 1,200 + 回答 345 token",
        "首字 0.8 秒",
        "用时 4.2 秒",
    )


def test_facts_that_are_not_known_are_left_out() -> None:
    unknown = replace(
        RECORD,
        model="",
        prompt_tokens=0,
        answer_tokens=0,
        first_token_after=None,
        took=timedelta(),
    )

    assert CHINESE.facts(unknown) == ("default",)
    assert CHINESE.facts(replace(unknown, provider="")) == ()


ATTEMPTS = (
    Attempt(
        provider="main",
        model="big",
        outcome="ModelOutOfFunds",
        then=Then.NEXT,
        after=timedelta(),
        took=timedelta(milliseconds=340),
    ),
    Attempt(
        provider="spare",
        model="",
        outcome=COOLING_DOWN,
        then=Then.NEXT,
        after=timedelta(seconds=1),
    ),
)


def test_the_attempts_of_a_question_are_told_with_their_reasons() -> None:
    failed = replace(RECORD, provider="", model="", attempts=ATTEMPTS)

    assert CHINESE.facts(failed) == (
        "main · big：模型账户的额度用完了（0.3 秒）",
        "spare 没有问它：刚出过错，暂停使用",
    )
    assert ENGLISH.facts(replace(RECORD, attempts=ATTEMPTS))[1] == (
        "spare not asked: it failed lately"
    )


def test_an_outcome_without_words_is_told_as_it_is() -> None:
    (attempt,) = CHINESE.facts(
        replace(RECORD, provider="", model="", attempts=(replace(ATTEMPTS[0], outcome="ModelNew"),))
    )

    assert "ModelNew" in attempt


def test_thought_tokens_are_told_where_there_are_any() -> None:
    assert "其中思考 1,024 token" in CHINESE.facts(replace(RECORD, thought_tokens=1024))
    assert not any("思考" in fact for fact in CHINESE.facts(replace(RECORD, thought_tokens=0)))


@LANGUAGES
def test_every_outcome_of_an_attempt_has_words(words: PageWording) -> None:
    assert set(words.outcomes) == {ANSWERED, COOLING_DOWN, NO_PLACE, NOT_SUITABLE}
    assert {kind.value for kind in FailureKind} <= set(words.reasons)
