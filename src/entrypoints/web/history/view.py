"""A page of somebody's conversations as the template shows it: words and safe HTML only."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from application.wording.pages import PageWording
from domain.history import HistoryLink, HistoryPage, Person, Record
from entrypoints.web.history.markdown import AnswerMarkdown

SIZE = 50
"""Questions on one page."""

LONGEST_SHOWN = 60_000
"""Characters of one text on a page; a page of fifty such texts is the largest there is."""

MOST_LAID_OUT = 250_000
"""Characters of Markdown on one page that are laid out; what follows is shown as it was written."""

LAYING_OUT = timedelta(seconds=2)
"""A page that has taken so long to lay out is finished without."""

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""HTML has no place for these: they become visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which page is asked for; `text` is what is searched for, or empty."""

    text: str = ""
    number: int = 1

    def address(self, number: int) -> str:
        """Another page of the same search, relative to this one."""
        return "?" + urlencode(({"q": self.text} if self.text else {}) | {"page": number})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One question with its answer; `html` is None where `answer` is shown as it was written."""

    id: int
    nick: str
    asked_at: str
    day: str
    clock: str
    room: str
    title: str
    question: str
    answer: str
    html: Markup | None
    note: str
    picture: str
    outcome: str
    has_failed: bool
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The questions of one day."""

    date: str
    words: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where to turn to; addresses are empty where this page is the one already."""

    number: int
    count: int
    first: str
    previous: str
    next: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was found for a link. `person` is None once nothing of the person is kept."""

    link: HistoryLink
    person: Person | None
    sought: Sought
    page: HistoryPage


@dataclass(slots=True, kw_only=True)
class View:
    """Makes values of a template of what was found. Made anew for each page."""

    words: PageWording
    zone: ZoneInfo
    now: datetime
    _laid_out: int = 0
    _began: float = field(default_factory=time.monotonic)
    _markdown: AnswerMarkdown = field(init=False)

    def __post_init__(self) -> None:
        self._markdown = AnswerMarkdown(self.words)

    def values(self, kept: Kept, token: str) -> dict[str, object]:
        """Every name that the template of a conversation knows."""
        person, ends = kept.person, kept.link.expires_at.astimezone(self.zone)
        return {
            "words": self.words,
            "title": self.words.title.format(nick=plain(person.nick)) if person else "",
            "facts": self._facts_of(person) if person else (),
            "readers": self.words.readers.format(moment=self.words.moment(ends)),
            "printed": self._printed(kept),
            "zone": self.words.zone.format(zone=self.zone.key),
            "token": token,
            "sought": kept.sought.text,
            "result": self._result(kept),
            "days": tuple(self._days(kept.page.records, is_imported=_is_imported(person))),
            "pager": _pager(kept),
        }

    def _printed(self, kept: Kept) -> str:
        """What paper tells of itself: who had asked for the link, which page of how many it is, and when."""
        return self.words.printed.format(
            reader=plain(kept.link.asked_by.partition(":")[2] or kept.link.asked_by),
            moment=self.words.moment(self.now.astimezone(self.zone)),
            zone=self.zone.key,
            page=self.words.page_of.format(
                number=kept.sought.number, count=pages_of(kept.page.total)
            ),
        )

    def _facts_of(self, person: Person) -> tuple[str, ...]:
        words, staff_id = self.words, person.staff_id
        first = words.moment(person.first_asked.astimezone(self.zone))
        last = words.moment(person.last_asked.astimezone(self.zone))
        if person.imported:
            known_as = words.imported
        else:
            known_as = words.staff_id.format(id=plain(staff_id)) if staff_id else words.no_staff_id
        return (
            known_as,
            words.questions.format(count=f"{person.questions:,}"),
            words.period.format(first=first, last=last),
        )

    def _result(self, kept: Kept) -> str:
        """What is said above the records."""
        text, total = kept.sought.text, kept.page.total
        if kept.person is None:
            return self.words.nothing_kept
        if not text:
            return self.words.newest_first if total else self.words.nothing_kept
        form = self.words.found if total else self.words.none_found
        return form.format(count=f"{total:,}", text=plain(text))

    def _days(self, records: tuple[Record, ...], *, is_imported: bool) -> Iterator[Day]:
        for day, of_day in groupby(records, key=self._day_of):
            pairs = tuple(self._pair(record, is_imported=is_imported) for record in of_day)
            yield Day(date=day.isoformat(), words=self.words.day(day), pairs=pairs)

    def _day_of(self, record: Record) -> date:
        return record.asked_at.astimezone(self.zone).date()

    def _pair(self, record: Record, *, is_imported: bool) -> Pair:
        asked_at = record.asked_at.astimezone(self.zone)
        html = self._laid(record.answer)
        return Pair(
            id=record.id,
            nick=plain(record.nick),
            day=f"{asked_at:%Y-%m-%d}",
            asked_at=asked_at.isoformat(timespec="seconds"),
            clock=f"{asked_at:%H:%M:%S}",
            room=self.words.rooms[record.room_kind],
            title=plain(record.room_title),
            question=plain(record.question[:LONGEST_SHOWN]),
            answer=plain(record.answer[:LONGEST_SHOWN]),
            html=html,
            note=self._note(record, is_laid=html is not None),
            picture=quote(record.picture, safe=""),
            outcome=self.words.imported_record if is_imported else self.words.outcome(record),
            has_failed=record.state.value in {"failed", "refused"},
            facts=() if is_imported else self.words.facts(record),
        )

    def _note(self, record: Record, *, is_laid: bool) -> str:
        if max(len(record.question), len(record.answer)) > LONGEST_SHOWN:
            return self.words.cut
        return "" if is_laid else self.words.not_laid_out

    def _laid(self, answer: str) -> Markup | None:
        """The answer laid out, as long as the page is neither too large nor too slow for it."""
        took = time.monotonic() - self._began
        self._laid_out += len(answer)
        if self._laid_out > MOST_LAID_OUT or took > LAYING_OUT.total_seconds():
            return None
        return self._markdown.html(answer)


def plain(text: str) -> str:
    """A text of people as HTML may hold it, before it is escaped."""
    return CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def _is_imported(person: Person | None) -> bool:
    return person is not None and person.imported


def _pager(kept: Kept) -> Pager | None:
    """None where all is on one page."""
    sought, count = kept.sought, pages_of(kept.page.total)
    if count == 1:
        return None
    is_first, is_last = sought.number == 1, sought.number == count
    return Pager(
        number=sought.number,
        count=count,
        first="" if is_first else sought.address(1),
        previous="" if is_first else sought.address(sought.number - 1),
        next="" if is_last else sought.address(sought.number + 1),
        last="" if is_last else sought.address(count),
    )


def pages_of(total: int) -> int:
    return max(1, -(-total // SIZE))
