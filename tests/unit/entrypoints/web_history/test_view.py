"""What a page of conversations shows of what was found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from application.wording.pages import CHINESE
from domain.history import HistoryLink, HistoryPage, Person, Record
from domain.inbox import State
from domain.message import RoomKind, StaffId, UserKey
from entrypoints.web.history import view
from entrypoints.web.history.view import LONGEST_SHOWN, SIZE, Day, Kept, Pager, Pair, Sought, View
from tests.fakes.numbered_history import ZHANG, record
from tests.strategies import NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")
LINK = HistoryLink(
    person=ZHANG,
    asked_by=UserKey("staff:boss"),
    expires_at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC),
)
PERSON = Person(
    key=ZHANG,
    nick="张三",
    staff_id=StaffId("zhang01"),
    questions=1234,
    first_asked=datetime(2026, 1, 1, 18, 0, tzinfo=UTC),
    last_asked=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
)


def shown(
    *records: Record, person: Person | None = PERSON, total: int | None = None, **sought: object
) -> dict[str, object]:
    """The values for the template."""
    kept = Kept(
        link=LINK,
        person=person,
        sought=Sought(**sought),  # type: ignore[arg-type] # each test names real fields
        page=HistoryPage(records=records, total=len(records) if total is None else total),
    )
    return View(words=CHINESE, zone=SHANGHAI, now=NOON).values(kept, "token")


def pair(**changes: object) -> Pair:
    days = cast("tuple[Day, ...]", shown(record(1, **changes))["days"])
    return days[0].pairs[0]


def pager(number: int, total: int, text: str = "") -> Pager | None:
    return cast("Pager | None", shown(total=total, number=number, text=text)["pager"])


def test_paper_tells_who_had_asked_for_it_and_when_it_was_printed() -> None:
    printed = shown(record(1), total=120, number=2)["printed"]

    assert (
        printed == "由 boss 申请的链接打开 · 打印于 2026-03-01 20:00（Asia/Shanghai）· 第 2 / 3 页"
    )


def test_on_paper_each_question_has_its_asker_and_day() -> None:
    one = pair(nick="张\x00三")

    assert (one.nick, one.day, one.clock) == ("张\ufffd三", "2026-03-01", one.asked_at[11:19])


def test_the_head_tells_who_how_much_and_when_in_the_zone() -> None:
    values = shown(record(1))

    assert values["title"] == "张三 的对话"
    assert values["facts"] == (
        "工号 zhang01",
        "1,234 个问题",
        "2026-01-02 02:00 至 2026-03-01 20:00",
    )
    assert "2026-03-02 04:00" in str(values["readers"])
    assert values["zone"] == "时区 Asia/Shanghai"


@pytest.mark.parametrize(
    ("key", "words"),
    [("imported:张三", "昵称来自导入的记录"), ("sender:$:LWCP_v1:x", "没有工号")],
)
def test_the_head_tells_what_is_known_of_somebody_without_a_staff_id(key: str, words: str) -> None:
    values = shown(person=replace(PERSON, key=UserKey(key), staff_id=None))

    assert cast("tuple[str, ...]", values["facts"])[0] == words


def test_days_are_those_of_the_zone() -> None:
    late = record(1, asked_at=datetime(2026, 3, 1, 16, 0, tzinfo=UTC))
    early = record(2, asked_at=datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC))

    days = cast("tuple[Day, ...]", shown(late, early)["days"])

    assert [day.date for day in days] == ["2026-03-02", "2026-03-01"]
    assert days[0].words == "2026 年 3 月 2 日 星期一"
    assert [one.clock for day in days for one in day.pairs] == ["00:00:00", "23:59:59"]
    assert days[1].pairs[0].asked_at == "2026-03-01T23:59:59+08:00"


def test_a_pair_tells_where_and_what_became_of_it() -> None:
    failed = pair(
        room_kind=RoomKind.GROUP,
        room_title="设计\x1b组",
        state=State.FAILED,
        reason="ModelDeclined",
    )

    assert (failed.room, failed.title) == ("群聊", "设计\ufffd组")
    assert failed.outcome == "失败：被模型服务的内容审核拦下"
    assert failed.has_failed
    assert not pair().has_failed


def test_an_imported_pair_has_no_model_and_no_outcome() -> None:
    imported = replace(PERSON, key=UserKey("imported:张三"), staff_id=None)

    days = cast("tuple[Day, ...]", shown(record(1), person=imported)["days"])

    assert (days[0].pairs[0].outcome, days[0].pairs[0].facts) == ("导入的记录", ())


def test_the_name_of_a_picture_stays_one_part_of_an_address() -> None:
    assert pair(picture="0a1b.png").picture == "0a1b.png"
    assert pair(picture="../x?y#z").picture == "..%2Fx%3Fy%23z"


def test_control_characters_come_into_sight() -> None:
    assert pair(question="a\0b\x1b[31mc\r\nd\te").question == "a\ufffdb\ufffd[31mc\nd\te"


@pytest.mark.parametrize(
    ("length", "note", "is_laid_out"),
    [
        (30_000, "", True),
        (30_001, CHINESE.not_laid_out, False),
        (LONGEST_SHOWN, CHINESE.not_laid_out, False),
        (LONGEST_SHOWN + 1, CHINESE.cut, False),
        (1_000_000, CHINESE.cut, False),
    ],
)
def test_x7_a_long_answer_is_shown_as_it_is_and_in_the_end_cut(
    length: int, note: str, *, is_laid_out: bool
) -> None:
    made = pair(answer="a" * length)

    assert (made.note, made.html is not None) == (note, is_laid_out)
    assert len(made.answer) == min(length, LONGEST_SHOWN)


def test_x7_a_long_question_is_cut() -> None:
    made = pair(question="a" * 1_000_000)

    assert (len(made.question), made.note) == (LONGEST_SHOWN, CHINESE.cut)


def test_x7_only_so_much_of_a_page_is_laid_out() -> None:
    records = [record(number, answer="a" * 29_000) for number in range(SIZE)]

    days = cast("tuple[Day, ...]", shown(*records)["days"])

    laid = [one.html is not None for day in days for one in day.pairs]
    assert laid == [True] * 8 + [False] * 42


def test_x7_a_page_that_takes_too_long_is_finished_without_layout() -> None:
    slow = View(words=CHINESE, zone=SHANGHAI, now=NOON)
    slow._began -= view.LAYING_OUT / timedelta(seconds=1) + 1  # noqa: SLF001 - as if it had begun then
    kept = Kept(
        link=LINK,
        person=PERSON,
        sought=Sought(),
        page=HistoryPage(records=(record(1),), total=1),
    )

    days = cast("tuple[Day, ...]", slow.values(kept, "token")["days"])

    assert days[0].pairs[0].html is None


@pytest.mark.parametrize("total", [0, 1, SIZE])
def test_one_page_has_no_pager(total: int) -> None:
    assert pager(1, total) is None


@pytest.mark.parametrize(
    ("number", "addresses"),
    [
        (1, ("", "", "?page=2", "?page=3")),
        (2, ("?page=1", "?page=1", "?page=3", "?page=3")),
        (3, ("?page=1", "?page=2", "", "")),
    ],
)
def test_the_pager_leads_everywhere_but_here(number: int, addresses: tuple[str, ...]) -> None:
    made = pager(number, 2 * SIZE + 1)

    assert made is not None
    assert (made.number, made.count) == (number, 3)
    assert (made.first, made.previous, made.next, made.last) == addresses


def test_the_pager_keeps_the_search() -> None:
    made = pager(1, 2 * SIZE, "合同 & <b>")

    assert made is not None
    assert made.next == "?q=%E5%90%88%E5%90%8C+%26+%3Cb%3E&page=2"


@pytest.mark.parametrize(
    ("total", "text", "words"),
    [
        (3, "", "最新的在最前面"),
        (1234, "合同", "1,234 条记录含有“合同”"),
        (0, "合同", "没有找到含有“合同”的问题或回答。"),
        (0, "", CHINESE.nothing_kept),
    ],
)
def test_it_is_said_what_was_found(total: int, text: str, words: str) -> None:
    assert shown(total=total, text=text)["result"] == words


def test_nothing_is_told_of_somebody_of_whom_nothing_is_kept() -> None:
    values = shown(person=None)

    assert (values["title"], values["facts"]) == ("", ())
    assert values["result"] == CHINESE.nothing_kept
