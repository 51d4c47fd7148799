"""What every `History` promises."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.ports import History, Outcome
from domain.failover import ANSWERED, Attempt, FailureKind, Then
from domain.history import Exchange, HistoryPage, Person, Record
from domain.inbox import State
from domain.message import (
    GroupId,
    IncomingMessage,
    Room,
    RoomKind,
    Sender,
    StaffId,
    UserKey,
    staff_key,
)
from tests.contracts.storage import ANSWER, DAY, Storage
from tests.strategies import NOON, message_saying

ZHANG, LI = staff_key(StaffId("zhang")), staff_key(StaffId("li"))
HOUR = timedelta(hours=1)
BY_ZHANG = message_saying("as it came, before it was masked")
EXCHANGE = Exchange(
    day=DAY, sender=BY_ZHANG.sender, room=BY_ZHANG.room, question="一加一？", answer="二"
)

ATTEMPTS = (
    Attempt(
        provider="first",
        model="m 1",
        outcome=FailureKind.OUT_OF_FUNDS.value,
        then=Then.NEXT,
        after=timedelta(),
        took=timedelta(milliseconds=340),
    ),
    Attempt(provider="p", model="", outcome=ANSWERED, then=Then.END, after=timedelta(seconds=1.5)),
)


async def remember(storage: Storage, message: IncomingMessage, outcome: Outcome) -> None:
    """Let a message go all the way, as it does in the service."""
    claim = await storage.claim_of(message)
    await storage.outcomes.record(claim.lease, outcome)


class Chronicle:
    """Questions that were asked, each an hour after the one before unless told otherwise."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._count = 0

    async def asked(  # noqa: PLR0913 - everything a test may want to be otherwise
        self,
        question: str = "一加一？",
        answer: str = "二",
        *,
        by: str = "zhang",
        nick: str = "张三",
        has_staff_id: bool = True,
        at: datetime | None = None,
    ) -> None:
        self._count += 1
        staff_id = StaffId(by) if has_staff_id else None
        sender = Sender(staff_id=staff_id, sender_id=f"$:{by}", nick="as it came")
        message = message_saying(
            "as it came, before it was masked",
            sender=sender,
            received_at=at or NOON + self._count * HOUR,
            msg_id=f"msg{self._count}",
        )
        shown = replace(sender, nick=nick)
        exchange = replace(EXCHANGE, sender=shown, question=question, answer=answer)
        outcome = Outcome(state=State.ANSWERED, reason="answered", exchange=exchange)
        await remember(self._storage, message, outcome)


async def names(history: History, name: str, limit: int = 10) -> list[str]:
    """The keys of everybody of that name, in order."""
    return [one.key for one in await history.people_called(name, limit=limit)]


async def questions(
    history: History, person: UserKey = ZHANG, *, matching: str = "", number: int = 1, size: int = 9
) -> tuple[list[str], int]:
    page = await history.page(person, matching=matching, number=number, size=size)
    return [one.question for one in page.records], page.total


@pytest.mark.anyio
class HistoryContract:
    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    @pytest.fixture
    def history(self, storage: Storage) -> History:
        return storage.history

    @pytest.fixture
    def chronicle(self, storage: Storage) -> Chronicle:
        return Chronicle(storage)

    @pytest.mark.parametrize("end", ["none yet", "waits", "delivered", "delivered later"])
    async def test_a_record_tells_whether_its_answer_was_delivered(
        self, storage: Storage, history: History, end: str
    ) -> None:
        claim = await storage.claim_of(BY_ZHANG)
        lease, number = claim.lease, claim.lease.message
        await storage.outcomes.record(lease, replace(ANSWER, exchange=EXCHANGE))
        if end != "none yet":
            await storage.outcomes.settle(lease, number, delivered=end == "delivered")
        if end == "delivered later":
            again = await storage.claim_of(replace(BY_ZHANG, id="again"))
            await storage.outcomes.settle(again.lease, number, delivered=True)

        page = await history.page(ZHANG, matching="", number=1, size=9)
        states = [one.state for one in page.records]
        told = [one.state for one in await history.following(ZHANG, after=None, limit=9)]

        is_delivered = end.startswith("delivered")
        assert states == told == [State.DELIVERED if is_delivered else State.ANSWERED]

    async def test_a_record_of_what_failed_stays_failed_when_that_was_told(
        self, storage: Storage, history: History
    ) -> None:
        lease = (await storage.claim_of(BY_ZHANG)).lease
        failed = replace(ANSWER, state=State.FAILED, exchange=EXCHANGE)
        await storage.outcomes.record(lease, failed)
        await storage.outcomes.settle(lease, lease.message, delivered=True)

        (record,) = await history.following(ZHANG, after=None, limit=9)

        assert record.state is State.FAILED

    # People

    async def test_of_a_stranger_nothing_is_kept(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked()

        assert await history.people_called("li", limit=9) == ()
        assert await history.person(LI) is None
        assert await history.page(LI, matching="", number=1, size=9) == HistoryPage(
            records=(), total=0
        )
        assert await history.following(LI, after=None, limit=9) == ()

    async def test_a_person_is_known_by_nickname_staff_id_and_key(
        self, history: History, chronicle: Chronicle
    ) -> None:
        for _ in range(3):
            await chronicle.asked()
        zhang = Person(
            key=ZHANG,
            nick="张三",
            staff_id=StaffId("zhang"),
            questions=3,
            first_asked=NOON + HOUR,
            last_asked=NOON + 3 * HOUR,
        )

        assert await history.people_called("张三", limit=9) == (zhang,)
        assert await history.people_called("zhang", limit=9) == (zhang,)
        assert await history.person(ZHANG) == zhang

    async def test_a_person_is_found_under_every_nickname_and_called_by_the_newest(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked(nick="旧名", at=NOON)
        await chronicle.asked(nick="新名", at=NOON + 2 * HOUR)
        await chronicle.asked(nick="中间", at=NOON + HOUR)

        for name in ("旧名", "中间", "新名"):
            (person,) = await history.people_called(name, limit=9)
            assert (person.nick, person.questions) == ("新名", 3)

    async def test_namesakes_are_apart_and_who_asked_last_comes_first(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked(by="li", at=NOON + 2 * HOUR)
        await chronicle.asked(by="zhang", at=NOON + 3 * HOUR)
        await chronicle.asked(by="wang", at=NOON + HOUR)
        await chronicle.asked(by="wang", nick="老王", at=NOON + 4 * HOUR)

        assert await names(history, "张三") == ["staff:wang", "staff:zhang", "staff:li"]
        assert await names(history, "张三", limit=2) == ["staff:wang", "staff:zhang"]

    async def test_namesakes_who_asked_at_one_moment_keep_an_order(
        self, history: History, chronicle: Chronicle
    ) -> None:
        for by in ("b", "c", "a"):
            await chronicle.asked(by=by, at=NOON)

        assert await names(history, "张三") == ["staff:a", "staff:b", "staff:c"]

    async def test_a_name_may_be_the_nickname_of_one_and_the_staff_id_of_another(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked(by="li")
        await chronicle.asked(by="zhang", nick="li")

        assert await names(history, "li") == ["staff:zhang", "staff:li"]

    async def test_who_has_no_staff_id_is_found_by_nickname_only(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked(by="out", nick="外包", has_staff_id=False)

        (person,) = await history.people_called("外包", limit=9)

        assert (person.key, person.staff_id) == ("sender:$:out", None)
        assert await names(history, "out") == []
        assert await names(history, "sender:$:out") == []
        assert await names(history, "$:out") == []

    @pytest.mark.parametrize(
        "name",
        [
            "张",
            "三",
            "张三 ",
            "张三丰",
            "",
            "%",
            "__",
            "张%",
            "张_",
            "zhan",
            "ZHANG",
            "staff:zhang",
        ],
    )
    async def test_a_name_is_found_whole_and_no_character_means_another(
        self, history: History, chronicle: Chronicle, name: str
    ) -> None:
        await chronicle.asked()

        assert await names(history, name) == []

    @pytest.mark.parametrize(
        "name", ["%", "_", "\\", "a%", "' OR 1=1 --", '"', "王 🙋", "[a]*", "?1"]
    )
    async def test_any_name_finds_its_owner_alone(
        self, history: History, chronicle: Chronicle, name: str
    ) -> None:
        await chronicle.asked(by="zhang", nick="ab")
        await chronicle.asked(by="li", nick=name)

        assert await names(history, name) == ["staff:li"]

    @pytest.mark.parametrize("name", ["\0", "张三\0", "\ud800"])
    async def test_a_name_that_is_no_text_is_nobodys(
        self, history: History, chronicle: Chronicle, name: str
    ) -> None:
        await chronicle.asked()

        assert await names(history, name) == []

    # Pages

    async def test_a_record_holds_all_that_is_known(
        self, storage: Storage, history: History
    ) -> None:
        room = Room(kind=RoomKind.GROUP, id=GroupId("cidA"), title="as it came")
        exchange = Exchange(
            day=DAY,
            sender=BY_ZHANG.sender,
            room=replace(room, title="组"),
            question="问",
            answer="答 🙋",
            picture="a.png",
            provider="p",
            model="m",
            prompt_tokens=3,
            answer_tokens=4,
            first_token_after=timedelta(milliseconds=70),
            took=timedelta(milliseconds=1500),
            thought_tokens=2,
            attempts=ATTEMPTS,
        )
        outcome = Outcome(state=State.FAILED, reason="ModelUnavailable", exchange=exchange)
        await remember(storage, message_saying("问", room=room), outcome)

        page = await history.page(ZHANG, matching="", number=1, size=9)

        (record,) = page.records
        assert record == Record(
            id=record.id,
            asked_at=NOON,
            nick="张三",
            room_kind=RoomKind.GROUP,
            room_title="组",
            state=State.FAILED,
            reason="ModelUnavailable",
            question="问",
            answer="答 🙋",
            picture="a.png",
            provider="p",
            model="m",
            prompt_tokens=3,
            answer_tokens=4,
            first_token_after=timedelta(milliseconds=70),
            took=timedelta(milliseconds=1500),
            thought_tokens=2,
            attempts=ATTEMPTS,
        )

    async def test_what_was_never_answered_has_no_first_token(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked()

        (record,) = (await history.page(ZHANG, matching="", number=1, size=9)).records

        assert record.first_token_after is None

    async def test_an_outcome_that_is_no_exchange_is_no_record(
        self, storage: Storage, history: History
    ) -> None:
        outcome = Outcome(state=State.ANSWERED, reason="ShowHelp")
        await remember(storage, message_saying("帮助"), outcome)

        assert await history.person(ZHANG) is None

    async def test_pages_go_from_the_newest_to_the_oldest(
        self, history: History, chronicle: Chronicle
    ) -> None:
        for number in range(5):
            await chronicle.asked(f"{number}")
        await chronicle.asked("earlier", at=NOON - HOUR)

        assert await questions(history, number=1, size=4) == (["4", "3", "2", "1"], 6)
        assert await questions(history, number=2, size=4) == (["0", "earlier"], 6)

    async def test_of_one_moment_the_last_to_be_stored_is_the_newest(
        self, history: History, chronicle: Chronicle
    ) -> None:
        for question in ("a", "b", "c"):
            await chronicle.asked(question, at=NOON)

        assert await questions(history) == (["c", "b", "a"], 3)

    @pytest.mark.parametrize("number", [3, 0, -1, 10**18])
    @pytest.mark.parametrize("matching", ["", "一"])
    async def test_a_page_that_is_not_there_is_empty_and_tells_the_total(
        self, history: History, chronicle: Chronicle, number: int, matching: str
    ) -> None:
        for _ in range(4):
            await chronicle.asked()

        assert await questions(history, matching=matching, number=number, size=2) == ([], 4)

    async def test_everybody_has_pages_of_their_own(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked("mine")
        await chronicle.asked("not mine", by="li")

        assert await questions(history) == (["mine"], 1)
        assert await questions(history, LI, matching="MINE") == (["not mine"], 1)

    # Search

    async def test_a_search_looks_into_questions_and_answers(
        self, history: History, chronicle: Chronicle
    ) -> None:
        await chronicle.asked("天气如何", "晴")
        await chronicle.asked("吃什么", "看天气")
        await chronicle.asked("睡觉", "好")

        assert await questions(history, matching="天气") == (["吃什么", "天气如何"], 2)

    async def test_a_search_has_pages_as_well(self, history: History, chronicle: Chronicle) -> None:
        for number in range(5):
            await chronicle.asked(f"even {number}" if number % 2 == 0 else f"odd {number}")

        assert await questions(history, matching="even", size=2) == (["even 4", "even 2"], 3)
        assert await questions(history, matching="even", number=2, size=2) == (["even 0"], 3)

    @pytest.mark.parametrize(
        ("matching", "count"),
        [
            ("hello", 1),
            ("HELLO", 1),
            ("LO, 世", 1),
            ("ПРИВЕТ", 1),
            ("привет", 1),
            ("ｗＩＤＥ", 1),
            ("50%", 1),
            ("5%", 0),
            ("a_b", 1),
            ("a%b", 0),
            ("axb", 0),
            ("c:\\dir", 1),
            ("c:\\\\dir", 0),
            ("/", 0),
            ("'", 0),
            ("世 界", 0),
            ("🙋", 1),
            ("\0", 0),
            ("hello\0", 0),
            ("\ud800", 0),
        ],
    )
    async def test_a_search_minds_the_characters_and_not_the_case(
        self, history: History, chronicle: Chronicle, matching: str, count: int
    ) -> None:
        await chronicle.asked("Hello, 世界 🙋 Привет", "50% a_b C:\\dir Ｗｉｄｅ")

        assert (await questions(history, matching=matching))[1] == count

    # One after another

    async def test_all_records_follow_one_another_in_the_order_of_asking(
        self, history: History, chronicle: Chronicle
    ) -> None:
        for number in (3, 1, 2, 2, 2, 4):
            await chronicle.asked(f"{number}", at=NOON + number * HOUR)
            await chronicle.asked("not mine", by="li")
        met: list[Record] = []

        while some := await history.following(ZHANG, after=met[-1] if met else None, limit=2):
            assert len(some) <= 2
            met += some

        assert [one.question for one in met] == ["1", "2", "2", "2", "3", "4"]
        pages = await history.page(ZHANG, matching="", number=1, size=9)
        assert tuple(reversed(met)) == pages.records
