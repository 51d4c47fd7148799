"""Answers as messages: titles, numbers, mentions, the end of what is too long."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.dingtalk.layout.layout import MOST_PARTS, Layout
from adapters.dingtalk.layout.mention import mention_for
from adapters.dingtalk.markdown.title import title_of
from application.wording import CHINESE
from domain.message import IncomingMessage, StaffId
from domain.sensitive_words import SensitiveWords
from tests.contracts.messenger import IN_GROUP, QUESTION
from tests.strategies import find_by_looking

NO_WORDS = SensitiveWords((), find_by_looking)
LAYOUT = Layout(wording=lambda: CHINESE, words=lambda: NO_WORDS)


def from_nick(nick: str) -> IncomingMessage:
    return replace(IN_GROUP, sender=replace(IN_GROUP.sender, staff_id=None, nick=nick))


def test_a_group_reply_ends_in_the_mention_of_its_asker() -> None:
    (part,) = LAYOUT.parts_of("好", IN_GROUP)

    assert part.text == "好\n\n@manager1"
    assert mention_for(IN_GROUP).called_in(part.text) == ["manager1"]


def test_a_private_reply_mentions_nobody() -> None:
    (part,) = LAYOUT.parts_of("好", QUESTION)

    assert part.text == "好"
    assert mention_for(QUESTION).called_in(part.text) == []


def test_an_asker_without_staff_id_is_only_named() -> None:
    message = from_nick("张三")
    (part,) = LAYOUT.parts_of("好", message)

    assert part.text == "好\n\n＠张三"
    assert mention_for(message).called_in(part.text) == []


@pytest.mark.parametrize(
    ("nick", "named"),
    [
        ("![x](https://evil)", "＠&#33;[x&#93;(https：//evil)"),
        ("<b>@all\u202e\n`", "＠&lt;b&gt;＠all &#96;"),
        ("名" * 100, "＠" + "名" * 39 + "…"),
        ("★张*三*★", "＠★张&#42;三&#42;★"),
        ("\u202e", ""),
    ],
)
def test_a_nick_can_neither_act_nor_call(nick: str, named: str) -> None:
    assert mention_for(from_nick(nick)).text.strip() == named


@pytest.mark.parametrize(
    "staff_id", ["all", "ALL", "@all", "x@all", "a@all.b", "所有人", "@x", ".x", "a b"]
)
def test_a_staff_id_never_calls_everybody(staff_id: str) -> None:
    sender = replace(IN_GROUP.sender, staff_id=StaffId(staff_id), nick="张三")
    message = replace(IN_GROUP, sender=sender)

    (part,) = LAYOUT.parts_of("好", message)

    assert part.text == "好\n\n＠张三"
    assert mention_for(message).called_in(part.text) == []


@pytest.mark.parametrize("staff_id", ["allen", "ball", "x@allen", "all-1", "a@b.c"])
def test_other_staff_ids_are_called(staff_id: str) -> None:
    message = replace(IN_GROUP, sender=replace(IN_GROUP.sender, staff_id=StaffId(staff_id)))

    assert mention_for(message).text == f"\n\n@{staff_id}"


def test_the_silent_way_shows_a_name_instead_of_a_staff_id() -> None:
    (part,) = LAYOUT.parts_of("好", IN_GROUP)

    assert mention_for(IN_GROUP).in_silence(part.text) == "好\n\n＠张三"
    assert mention_for(IN_GROUP).in_silence("别的") == "别的"


def test_only_the_last_of_several_parts_mentions_and_all_are_numbered() -> None:
    parts = LAYOUT.parts_of("一句话。" * 2000, IN_GROUP)

    assert [part.title[:5] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
    assert [part.text[:7] for part in parts] == ["(1/3)\n\n", "(2/3)\n\n", "(3/3)\n\n"]
    assert [part.text.endswith("@manager1") for part in parts] == [False, False, True]


@settings(max_examples=20)
@given(
    unit=st.sampled_from(["字", "👨‍👩‍👧", '"\\', "词语。", "a b\n", "`x`", "<"]),
    times=st.integers(1, 30_000),
    message=st.sampled_from([IN_GROUP, QUESTION, from_nick("𠮷" * 90)]),
)
def test_every_message_stays_within_the_limits(
    unit: str, times: int, message: IncomingMessage
) -> None:
    parts = LAYOUT.parts_of(unit * times, message)

    assert 1 <= len(parts) <= MOST_PARTS
    for part in parts:
        silent = mention_for(message).in_silence(part.text)
        parameters = msgspec.json.encode({"title": part.title, "text": silent})
        assert len(part.text) <= 3800
        assert max(len(parameters), len(msgspec.json.encode(part.text))) <= 14_500


def test_few_characters_of_many_bytes_are_two_messages() -> None:
    assert len(LAYOUT.parts_of("😀" * 3700, QUESTION)) == 2
    assert len(LAYOUT.parts_of("字" * 3700, QUESTION)) == 1


def test_what_is_too_long_for_twenty_messages_ends_in_a_sentence_that_says_so() -> None:
    parts = LAYOUT.parts_of("字" * 90_000, IN_GROUP)

    assert len(parts) == MOST_PARTS
    assert parts[-1].text.endswith(f"{CHINESE.answer_in_parts_cut}\n\n@manager1")
    assert all("太长" not in part.text for part in parts[:-1])


def test_exactly_twenty_messages_are_not_called_too_long() -> None:
    count = next(n for n in range(75_000, 60_000, -100) if "太长" not in last(n))

    assert len(LAYOUT.parts_of("字" * count, QUESTION)) == MOST_PARTS


def last(count: int) -> str:
    return LAYOUT.parts_of("字" * count, QUESTION)[-1].text


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("# 关于 **年假**", "关于 年假"),
        ("```python\nimport os\n```", "import os"),
        ("- [文档](https://x.example)", "文档"),
        ("1. `a &lt; b`", "a < b"),
        ("『&#91;点我&#93;』 &#35;1 &amp;lt;", "『[点我]』 #1 &lt;"),
        ("———\n\n好", "好"),
        ("", "回答"),
        ("！？", "回答"),
        ("字" * 30, "字" * 19 + "…"),
    ],
)
def test_a_title_is_the_first_words_without_markup(answer: str, title: str) -> None:
    assert title_of(answer, fallback="回答") == title


def test_an_answer_that_is_far_too_long_is_cut_before_it_is_read_and_says_so() -> None:
    blank = "甲" + "\n" * 400_000 + "乙"

    (part,) = LAYOUT.parts_of(blank, QUESTION)

    assert part.text == f"甲\n\n{CHINESE.answer_in_parts_cut}"


def test_a_title_shows_masks_and_other_escaped_signs() -> None:
    assert title_of("\\*\\*很\\*，**粗** \\#1 \\|", fallback="回答") == "**很*，粗 #1 |"
