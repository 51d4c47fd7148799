"""The predecessor's table is read as questions with their answers; what is odd is counted."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.legacy.chats import exchanges_in, odd_rows, questions_in, rows_in
from adapters.legacy.file import opened
from domain.legacy import LegacyExchange, Oddity
from domain.message import RoomKind
from tests.integration.legacy.gorm import ANSWER, LegacyDatabase

SHANGHAI = ZoneInfo("Asia/Shanghai")

Read = Callable[[], list[LegacyExchange | Oddity]]


@pytest.fixture
def legacy(tmp_path: Path) -> LegacyDatabase:
    return LegacyDatabase(tmp_path / "dingtalkbot.sqlite")


@pytest.fixture
def read(legacy: LegacyDatabase) -> Read:
    def read() -> list[LegacyExchange | Oddity]:
        with opened(legacy.save()) as connection:
            return list(exchanges_in(connection, SHANGHAI))

    return read


def identities_in(path: Path) -> list[str]:
    with opened(path) as connection:
        found = exchanges_in(connection, SHANGHAI)
        return [one.identity for one in found if isinstance(one, LegacyExchange)]


def pairs(found: list[LegacyExchange | Oddity]) -> list[tuple[str, str]]:
    return [(one.question, one.answer) for one in found if isinstance(one, LegacyExchange)]


def test_a_question_is_told_with_its_answer(legacy: LegacyDatabase, read: Read) -> None:
    legacy.talk(" 你好\n", "您好", nick="张三", source="测试群")

    (one,) = read()

    assert isinstance(one, LegacyExchange)
    assert (one.nick, one.question, one.answer) == ("张三", "你好", "您好")
    assert (one.room_kind, one.room_title) == (RoomKind.GROUP, "测试群")
    assert one.asked_at == datetime(2023, 4, 5, 0, 0, 0, 123456, tzinfo=UTC)


def test_in_a_running_talk_each_question_keeps_its_own_answer(
    legacy: LegacyDatabase, read: Read
) -> None:
    first = legacy.answer("甲", legacy.question("一"))
    second = legacy.answer("乙", legacy.question("二", parent=first))
    legacy.question("三", parent=second)

    assert pairs(read()) == [("一", "甲"), ("二", "乙"), ("三", "")]


def test_questions_asked_at_the_same_time_are_not_mixed_up(
    legacy: LegacyDatabase, read: Read
) -> None:
    one, two = legacy.question("一"), legacy.question("二", nick="李四")
    legacy.answer("乙", two, nick="李四")
    legacy.answer("甲", one)

    assert pairs(read()) == [("一", "甲"), ("二", "乙")]


def test_what_is_odd_is_named_and_its_neighbours_are_taken(
    legacy: LegacyDatabase, read: Read
) -> None:
    legacy.talk("好", "行")
    legacy.question("  \n")
    legacy.question("没有名字", nick=" ")
    legacy.question("没有时间", at="0001-01-01 00:00:00+00:00")
    legacy.question(None)

    found = read()

    assert pairs(found) == [("好", "行")]
    assert found[1:] == [Oddity.BLANK, Oddity.NO_NICKNAME, Oddity.NO_TIME, Oddity.BLANK]


def test_rows_that_belong_to_no_question_are_counted(legacy: LegacyDatabase) -> None:
    answer = legacy.talk("好", "行")
    legacy.answer("又一个", answer - 1)
    legacy.answer("没有问题", 0)
    legacy.answer("问题是个回答", answer)
    gone = legacy.question("删了", deleted="2023-04-05 08:00:00+08:00")
    legacy.answer("问题删了", gone)
    legacy.row(3, "?")
    legacy.row(None, "?")

    with opened(legacy.save()) as connection:
        assert (rows_in(connection), questions_in(connection)) == (9, 1)
        assert +odd_rows(connection) == {
            Oddity.DELETED: 1,
            Oddity.NEITHER: 2,
            Oddity.NO_QUESTION: 3,
            Oddity.SECOND_ANSWER: 1,
        }


def test_a_deleted_answer_leaves_its_question_unanswered(
    legacy: LegacyDatabase, read: Read
) -> None:
    legacy.answer("甲", legacy.question("一"), deleted="2023-04-05 08:00:00+08:00")

    assert pairs(read()) == [("一", "")]


def test_text_that_is_none_is_mended(legacy: LegacyDatabase, read: Read) -> None:
    legacy.row(1, b"\xe4\xbd\xa0\xe5")
    legacy.row(1, "a\0b")
    legacy.row(1, 7)

    assert pairs(read()) == [("你\ufffd", ""), ("a\ufffdb", ""), ("7", "")]


def test_text_cut_within_a_letter_is_mended(legacy: LegacyDatabase, read: Read) -> None:
    legacy.question("x")
    with sqlite3.connect(legacy.save()) as connection:
        connection.execute("UPDATE chats SET content = CAST(x'e4bda0e5' AS TEXT)")
    connection.close()

    assert pairs(read()) == [("你\ufffd", "")]


def test_an_identity_is_that_of_one_row_of_one_file(tmp_path: Path, legacy: LegacyDatabase) -> None:
    other = LegacyDatabase(tmp_path / "other.sqlite")
    for database, nick in ((legacy, "张三"), (other, "李四")):
        database.question("同样", nick=nick)
        database.question("同样", nick=nick)

    first, second, again = (
        identities_in(path) for path in (legacy.save(), other.save(), legacy.path)
    )

    assert len({*first, *second}) == 4
    assert first == again
    assert all(len(one) == 64 for one in first)


def test_an_answer_that_comes_later_changes_no_identity(legacy: LegacyDatabase, read: Read) -> None:
    legacy.question("一")
    (before,) = read()
    legacy.row(ANSWER, "甲", parent=1)
    (after,) = read()

    assert isinstance(before, LegacyExchange)
    assert isinstance(after, LegacyExchange)
    assert (before.identity, before.answer, after.answer) == (after.identity, "", "甲")
