"""What of the predecessor's history becomes an exchange, and how."""

from dataclasses import replace

import pytest

from domain.inbox import State
from domain.legacy import LegacyExchange, room_of
from domain.message import RoomKind
from domain.sensitive_words import SensitiveWords
from tests.strategies import NOON, find_by_looking

EXCHANGE = LegacyExchange(
    identity="x",
    asked_at=NOON,
    nick="坏张三",
    room_kind=RoomKind.GROUP,
    room_title="坏群",
    question="坏问题",
    answer="坏&#22351;",
)


@pytest.mark.parametrize(
    ("source", "room"),
    [
        ("张三_私聊", (RoomKind.PRIVATE, "")),
        ("李四_私聊", (RoomKind.GROUP, "李四_私聊")),
        ("测试群", (RoomKind.GROUP, "测试群")),
        ("", (RoomKind.UNKNOWN, "")),
    ],
)
def test_a_source_is_private_only_if_it_names_the_person(
    source: str, room: tuple[RoomKind, str]
) -> None:
    assert room_of(source, "张三") == room


def test_a_question_without_an_answer_has_failed() -> None:
    unanswered = LegacyExchange(
        identity="x",
        asked_at=NOON,
        nick="张三",
        room_kind=RoomKind.PRIVATE,
        room_title="",
        question="问",
        answer="",
    )

    assert (EXCHANGE.state, unanswered.state) == (State.ANSWERED, State.FAILED)


def test_everything_that_is_shown_is_masked() -> None:
    masked = EXCHANGE.masked(SensitiveWords(["坏"], find_by_looking))

    assert (masked.nick, masked.room_title, masked.question) == ("*张三", "*群", "*问题")
    assert masked.answer == "\\*\\*"
    assert masked.person == "imported:*张三"
    assert (masked.identity, masked.asked_at) == (EXCHANGE.identity, EXCHANGE.asked_at)


@pytest.mark.parametrize(
    ("answer", "file", "rest"),
    [
        (
            ">点击图片可旋转或放大。\n![](http://chat.example.com/images/20230405-080000.png)",
            "20230405-080000.png",
            ">点击图片可旋转或放大。",
        ),
        ("![](https://h/bot//images/20230405-080000.png)", "20230405-080000.png", ""),
        ("![画](/images/20230405-080000.png)好", "20230405-080000.png", "好"),
        ("![](images/20230405-080000.png)", "20230405-080000.png", ""),
        ("![](http://h/images/../20230405-080000.png)", None, ""),
        ("![](http://h/images/20230405-080000.svg)", None, ""),
        ("![](http://h/myimages/20230405-080000.png)", None, ""),
        ("[](http://h/images/20230405-080000.png)", None, ""),
        ("![](@lADPDe7s2ySi18PNA6XNBXg)", None, ""),
        ("", None, ""),
    ],
)
def test_the_picture_of_an_answer_is_the_file_that_it_shows(
    answer: str, file: str | None, rest: str
) -> None:
    one = replace(EXCHANGE, answer=answer)
    assert one.picture_file == file

    if file is not None:
        shown = one.showing("new.png")
        assert (shown.picture, shown.answer, shown.picture_file) == ("new.png", rest, None)
        assert shown.state is State.ANSWERED
        assert shown.identity == one.identity
