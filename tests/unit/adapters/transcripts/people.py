"""Records of one person, made for tests of formats."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from adapters.transcripts import Format
from domain.failover import COOLING_DOWN, Attempt, Then
from domain.history import Person, Record
from domain.inbox import State
from domain.message import RoomKind, StaffId, UserKey
from tests.strategies import NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")

ZHANG = Person(
    key=UserKey("staff:zhang"),
    nick="张三",
    staff_id=StaffId("zhang"),
    questions=1,
    first_asked=NOON,
    last_asked=NOON,
)

RECORD = Record(
    id=1,
    asked_at=NOON,
    nick="张三",
    room_kind=RoomKind.GROUP,
    room_title="测试群",
    state=State.ANSWERED,
    reason="answered",
    question="一加一？",
    answer="二",
    picture="",
    provider="openai",
    model="gpt-4o",
    prompt_tokens=3,
    answer_tokens=4,
    first_token_after=timedelta(milliseconds=250),
    took=timedelta(milliseconds=1500),
    thought_tokens=2,
    attempts=(
        Attempt(
            provider="main",
            model="big",
            outcome="ModelGone",
            then=Then.NEXT,
            after=timedelta(),
            took=timedelta(milliseconds=200),
        ),
        Attempt(
            provider="spare",
            model="small",
            outcome=COOLING_DOWN,
            then=Then.NEXT,
            after=timedelta(seconds=1),
        ),
    ),
)


def saying(question: str, answer: str = "", nick: str = "张三", title: str = "") -> Record:
    return replace(RECORD, question=question, answer=answer, nick=nick, room_title=title)


async def file_of(form: Format, records: Iterable[Record], person: Person = ZHANG) -> str:
    """The whole transcript."""

    async def each() -> AsyncIterator[Record]:
        for record in records:
            yield record

    return "".join([piece async for piece in form.lines(each(), person, SHANGHAI)])
