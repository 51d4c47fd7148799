"""Old records in the light of words that were listed since."""

from dataclasses import replace
from datetime import timedelta
from threading import get_ident
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shown_text import shown_texts
from adapters.transcripts import FORMATS
from adapters.words.finder import aho_corasick
from application.history.masked_history import MaskedHistory
from application.long_texts import LONG
from application.ports import History
from application.wording import CHINESE
from domain.history import IMPORTED, Person, Record
from domain.inbox import State
from domain.message import RoomKind, UserKey
from domain.sensitive_words import SensitiveWords
from entrypoints.web.history.markdown import AnswerMarkdown
from tests.contracts.history import ZHANG, Chronicle, HistoryContract
from tests.contracts.storage import Storage
from tests.fakes.clock import ManualClock
from tests.fakes.in_memory_history import InMemoryHistory
from tests.fakes.in_memory_storage import InMemoryStorage
from tests.strategies import NOON
from tests.unit.adapters.dingtalk.outbound.test_no_word_is_shown import WORDS, documents, leaks
from tests.unit.fakes.test_in_memory_storage import InMemory

pytestmark = pytest.mark.anyio

NO_WORDS = SensitiveWords((), aho_corasick, shown_texts)
ZONE = ZoneInfo("Asia/Shanghai")


def masked(history: History, words: SensitiveWords) -> History:
    return MaskedHistory(history=history, words=lambda: words)


class TestMaskedHistory(InMemory, HistoryContract):
    @pytest.fixture
    def history(self, storage: Storage) -> History:
        return masked(storage.history, NO_WORDS)


async def test_everything_that_people_wrote_is_masked_wherever_it_is_read() -> None:
    clock = ManualClock()
    memory = InMemoryStorage(clock)
    storage = Storage(
        doorstep=memory,
        inbox=memory,
        outcomes=memory,
        ledger=memory,
        history=memory.history,
        clock=clock,
    )
    await Chronicle(storage).asked("坏词？", "很[坏](http://a.example)词", nick="坏词")
    history = masked(storage.history, WORDS)

    (called,) = await history.people_called("坏词", limit=9)
    person = await history.person(ZHANG)
    page = await history.page(ZHANG, matching="", number=1, size=9)
    (record,) = await history.following(ZHANG, after=None, limit=9)

    assert called == person
    assert called.nick == "**"
    assert page.records == (record,)
    assert (record.nick, record.question, record.answer) == (
        "**",
        "**？",
        "很[\\*](http://a.example)\\*",
    )


async def test_long_records_are_masked_in_a_thread() -> None:
    clock = ManualClock()
    memory = InMemoryStorage(clock)
    storage = Storage(
        doorstep=memory,
        inbox=memory,
        outcomes=memory,
        ledger=memory,
        history=memory.history,
        clock=clock,
    )
    await Chronicle(storage).asked("坏词", "坏词" + "x" * LONG)
    threads = set()

    def words() -> SensitiveWords:
        threads.add(get_ident())
        return WORDS

    history = MaskedHistory(history=storage.history, words=words)
    page = await history.page(ZHANG, matching="", number=1, size=9)

    assert page.records[0].answer.startswith("\\*\\*x")
    assert threads
    assert get_ident() not in threads


RECORD = Record(
    id=1,
    asked_at=NOON,
    nick="",
    room_kind=RoomKind.GROUP,
    room_title="",
    state=State.ANSWERED,
    reason="answered",
    question="",
    answer="",
    picture="",
    provider="demo",
    model="demo",
    prompt_tokens=1,
    answer_tokens=1,
    first_token_after=None,
    took=timedelta(),
)


@given(text=documents, form=st.sampled_from(sorted(FORMATS)))
def test_no_page_and_no_file_shows_a_word(text: str, form: str) -> None:
    history = MaskedHistory(history=InMemoryHistory(), words=lambda: WORDS)
    record = history._record(  # noqa: SLF001 - the very step, without a storage for each example
        replace(RECORD, nick=text[:9], room_title=text[-9:], question=text, answer=text)
    )
    person = history._person(  # noqa: SLF001 - as above
        Person(
            key=UserKey(f"{IMPORTED}{text[:9]}"),
            nick=text[:9],
            staff_id=None,
            questions=1,
            first_asked=NOON,
            last_asked=NOON,
        )
    )

    kind = FORMATS[form]
    file = kind.head + kind.title(person, ZONE) + kind.entry(record, person, ZONE, "")
    page = AnswerMarkdown(CHINESE.pages).html(record.answer)

    assert not leaks([file, str(page), record.question, record.nick])
