"""Looking people up: who is found, what is told of them, and what is told to nobody."""

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.errors import StorageFailed
from application.history.history_links import (
    CompleteHistoryLinks,
    IssueHistoryLink,
    OpenHistoryLink,
)
from application.history.look_up_history import MOST_PEOPLE, LookUpHistoryOf
from application.ports import Outcome
from application.wording import CHINESE, ENGLISH
from application.wording.quotation import as_code
from domain.access import AccessPolicy
from domain.command import LookUpHistory, RevokeHistoryLinks
from domain.history import Exchange, Person
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
from domain.reply import ReplyPart
from tests.contracts.storage import DAY
from tests.fakes.clock import ManualClock
from tests.fakes.house import rules
from tests.fakes.in_memory_history import InMemoryHistory, InMemoryHistoryLinks
from tests.strategies import NOON, message_saying

BOSS = Sender(staff_id=StaffId("boss"), sender_id="$:boss", nick="老板")
ASKING = message_saying("#查对话 username:张三", sender=BOSS)
RULES = rules(access=AccessPolicy(admins=frozenset({StaffId("boss"), StaffId("other")})))
LINK = re.compile(r"\((https://bot\.example\.com/[^)]*)\)")


class Archive:
    """A history, links to it, and the use case over both."""

    def __init__(self, service_url: str = "https://bot.example.com") -> None:
        self.history, self.links, self.clock = (
            InMemoryHistory(),
            InMemoryHistoryLinks(),
            ManualClock(),
        )
        tokens = count(step=10)
        issue = IssueHistoryLink(
            links=self.links,
            clock=self.clock,
            service_url=service_url,
            lifetime=timedelta(hours=1),
            draw_token=lambda: f"{next(tokens):043}",
        )
        self.look_up = LookUpHistoryOf(
            history=self.history,
            links=self.links,
            issue_link=issue,
            clock=self.clock,
            service_url=service_url,
        )
        self.complete = CompleteHistoryLinks(
            links=self.links,
            rules=lambda: RULES,
            clock=self.clock,
            service_url=service_url,
            lifetime=timedelta(hours=1),
            draw_token=lambda: f"{next(tokens):043}",
        )
        self.open = OpenHistoryLink(links=self.links, rules=lambda: RULES, clock=self.clock)

    def asked(
        self, *, by: str | None = "zhang", nick: str = "张三", at: datetime = NOON, key: str = "$:x"
    ) -> None:
        staff_id = None if by is None else StaffId(by)
        sender = Sender(staff_id=staff_id, sender_id=key, nick=nick)
        message = message_saying("问", sender=sender, received_at=at)
        exchange = Exchange(day=DAY, sender=sender, room=message.room, question="问", answer="答")
        outcome = Outcome(state=State.ANSWERED, reason="answered", exchange=exchange)
        self.history.remember(message, outcome)

    async def told(self, name: str = "张三", message: IncomingMessage = ASKING) -> str:
        """What is read in the chat."""
        part = ReplyPart(title="", text=await self.stored(name, message))
        return (await self.complete(part, message)).text

    async def stored(self, name: str = "张三", message: IncomingMessage = ASKING) -> str:
        """What lies in the database until it is sent."""
        return await self.look_up(LookUpHistory(name), message, RULES)

    async def revoked(self, by: Sender = BOSS) -> str:
        message = message_saying("#查对话 撤销", sender=by)
        return await self.look_up(RevokeHistoryLinks(), message, RULES)

    async def person_behind(self, address: str) -> UserKey | None:
        token = address.rpartition("/")[2].partition("?")[0]
        link = await self.open(token)
        return None if link is None else link.person


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.mark.anyio
async def test_without_a_name_the_usage_is_told(archive: Archive) -> None:
    assert await archive.told("") == CHINESE.history.usage


@pytest.mark.anyio
async def test_who_has_asked_nothing_is_not_found(archive: Archive) -> None:
    archive.asked(by="li", nick="李四")

    assert await archive.told("张三") == CHINESE.history.nobody


@pytest.mark.anyio
async def test_a_person_is_told_with_id_count_and_times_in_the_configured_zone(
    archive: Archive,
) -> None:
    archive.asked(at=datetime(2025, 12, 31, 17, 0, tzinfo=UTC))
    archive.asked(at=datetime(2026, 1, 2, 0, 30, tzinfo=UTC))

    text = await archive.told()

    assert "`张三`（工号 `zhang`）" in text
    assert "共 2 条，从 2026-01-01 01:00 到 2026-01-02 08:30" in text
    assert "有效至 2026-03-01 21:00" in text


@pytest.mark.anyio
async def test_the_three_links_of_a_person_open_that_persons_history(archive: Archive) -> None:
    archive.asked(by="zhang")
    archive.asked(by="li")

    first, second = LINK.findall(await archive.told())[:3], LINK.findall(await archive.told())[3:]

    assert [address.rpartition("0")[2] for address in first] == ["", "?format=md", "?format=csv"]
    for addresses, key in ((first, "staff:li"), (second, "staff:zhang")):
        assert [await archive.person_behind(one) for one in addresses] == [key] * 3


@pytest.mark.anyio
async def test_links_are_the_askers_own_and_live_as_long_as_configured(archive: Archive) -> None:
    archive.asked()
    page = LINK.findall(await archive.told())[0]

    link = await archive.open(page.rpartition("/")[2])

    assert link is not None
    assert link.asked_by == staff_key(StaffId("boss"))
    assert link.expires_at == NOON + timedelta(hours=1)


@pytest.mark.anyio
async def test_what_is_stored_opens_nothing(archive: Archive) -> None:
    archive.asked()

    stored = LINK.findall(await archive.stored())

    assert len(stored) == 3
    assert [await archive.person_behind(one) for one in stored] == [None] * 3


@pytest.mark.anyio
async def test_a_part_that_is_sent_again_brings_links_that_open_as_well(archive: Archive) -> None:
    archive.asked()
    part = ReplyPart(title="", text=await archive.stored())

    first, again = [LINK.findall((await archive.complete(part, ASKING)).text) for _ in range(2)]

    assert not {*first} & {*again}
    assert [await archive.person_behind(one) for one in (*first, *again)] == ["staff:zhang"] * 6


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("late", "until"),
    [
        (timedelta(minutes=20), "2026-03-01 21:00"),
        (timedelta(minutes=40), "2026-03-01 21:40"),
        (timedelta(days=20), "2026-03-21 21:00"),
    ],
)
async def test_a_link_is_good_when_it_arrives_however_late(
    archive: Archive, late: timedelta, until: str
) -> None:
    archive.asked()
    part = ReplyPart(title="", text=await archive.stored())

    archive.clock.pass_by(late)
    text = (await archive.complete(part, ASKING)).text

    assert f"有效至 {until}" in text
    link = await archive.open(LINK.findall(text)[0].rpartition("/")[2])
    assert link is not None
    assert f"{link.expires_at.astimezone(RULES.quota.zone):%Y-%m-%d %H:%M}" == until


OTHER_BOSS = Sender(staff_id=StaffId("other"), sender_id="$:other", nick="老板")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "message",
    [
        message_saying("x", sender=OTHER_BOSS),
        message_saying("x", sender=Sender(staff_id=None, sender_id="boss", nick="boss")),
        message_saying("x", sender=BOSS, authentic=False),
        message_saying("x", sender=BOSS, room=Room(kind=RoomKind.GROUP, id=GroupId("cidA"))),
    ],
    ids=["another administrator", "no member", "unsigned", "in a group"],
)
async def test_who_has_a_stand_in_repeated_gets_no_link(
    archive: Archive, message: IncomingMessage
) -> None:
    archive.asked()
    part = ReplyPart(title="", text=await archive.stored())

    assert await archive.complete(part, message) == part


@pytest.mark.anyio
@pytest.mark.parametrize("service_url", ["", "https://bot.example.com", "https://bot.example.com/"])
async def test_what_is_no_stand_in_stays_as_it_is(service_url: str) -> None:
    archive = Archive(service_url=service_url)
    text = f"https://bot.example.com/history/{'x' * 43} https://bot.example.com/images/a.png"
    part = ReplyPart(title="t", text=text)

    assert await archive.complete(part, ASKING) == part


@pytest.mark.anyio
async def test_no_address_names_anybody(archive: Archive) -> None:
    archive.asked(by="zhang")

    text = "".join(LINK.findall(await archive.told()))

    assert "zhang" not in text
    assert "张" not in text
    assert "%" not in text


@pytest.mark.anyio
async def test_namesakes_are_told_apart_each_with_links(archive: Archive) -> None:
    archive.asked(by="zhang", at=NOON)
    archive.asked(by="zhang2", at=NOON + timedelta(hours=1))
    archive.asked(by=None, key="$:out", at=NOON + timedelta(hours=2))

    text = await archive.told()

    places = [text.index(one) for one in ("没有工号", "`zhang2`", "`zhang`")]
    assert places == sorted(places)
    assert len(LINK.findall(text)) == 9
    assert CHINESE.history.more.format(count=MOST_PEOPLE) not in text


@pytest.mark.anyio
@pytest.mark.parametrize("extra", [0, 1, 5])
async def test_only_so_many_namesakes_are_shown_and_that_there_are_more_is_said(
    archive: Archive, extra: int
) -> None:
    for number in range(MOST_PEOPLE + extra):
        archive.asked(by=f"zhang{number}", at=NOON + timedelta(minutes=number))

    text = await archive.told()

    assert len(LINK.findall(text)) == 3 * MOST_PEOPLE
    assert (CHINESE.history.more.format(count=MOST_PEOPLE) in text) is bool(extra)
    assert f"`zhang{MOST_PEOPLE + extra - 1}`" in text


class ImportedOnly(InMemoryHistory):
    """Somebody of whom a nickname is all that is known."""

    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:  # noqa: ARG002
        return (
            Person(
                key=UserKey(f"imported:{name}"),
                nick=name,
                staff_id=None,
                questions=1,
                first_asked=NOON,
                last_asked=NOON,
            ),
        )


@pytest.mark.anyio
async def test_imported_people_are_marked_as_known_by_nickname_only(archive: Archive) -> None:
    look_up = replace(archive.look_up, history=ImportedOnly())

    text = await look_up(LookUpHistory("老张"), ASKING, RULES)

    assert CHINESE.history.imported.format(nick="`老张`") in text
    assert len(LINK.findall(text)) == 3


@pytest.mark.anyio
@pytest.mark.parametrize("kind", [RoomKind.GROUP, RoomKind.UNKNOWN])
@pytest.mark.parametrize("name", ["张三", "谁也不是"])
async def test_where_others_read_along_nothing_is_told_not_even_who_exists(
    archive: Archive, kind: RoomKind, name: str
) -> None:
    archive.asked()
    message = message_saying("", sender=BOSS, room=Room(kind=kind, id=GroupId("cidA")))

    assert await archive.told(name, message) == CHINESE.history.only_in_private
    assert await archive.told("", message) == CHINESE.history.usage
    assert await archive.revoked() == CHINESE.history.nothing_to_revoke


@pytest.mark.anyio
async def test_without_an_address_of_its_own_the_service_says_which_key_to_set() -> None:
    archive = Archive(service_url="")
    archive.asked()

    assert "`service_url`" in await archive.told()
    assert await archive.revoked() == CHINESE.history.nothing_to_revoke


@pytest.mark.anyio
async def test_revoking_ends_the_askers_links_and_nobody_elses(archive: Archive) -> None:
    archive.asked()
    other = Sender(staff_id=StaffId("other"), sender_id="$:other", nick="老板")
    mine = LINK.findall(await archive.told())[0]
    theirs = LINK.findall(await archive.told(message=message_saying("", sender=other)))[0]

    assert "**1**" in await archive.revoked()

    assert await archive.person_behind(mine) is None
    assert await archive.person_behind(theirs) == "staff:zhang"
    assert await archive.revoked() == CHINESE.history.nothing_to_revoke


@pytest.mark.anyio
async def test_it_speaks_english_too(archive: Archive) -> None:
    archive.asked(nick="")
    spoken = replace(RULES, wording=ENGLISH)

    text = await archive.look_up(LookUpHistory("zhang"), ASKING, spoken)

    assert "(no nickname) (staff id `zhang`)" in text
    assert "questions: 1, from 2026-03-01 20:00" in text


@pytest.mark.anyio
async def test_the_log_tells_how_many_were_found_and_nobodys_name(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    archive.asked()

    with caplog.at_level(logging.INFO):
        text = await archive.told()
        await archive.revoked()

    looked_up, revoked = caplog.records
    assert (looked_up.message, vars(looked_up)["people"]) == ("history_looked_up", 1)
    assert (revoked.message, vars(revoked)["links"]) == ("history_links_revoked", 1)
    written = repr([vars(record) for record in caplog.records])
    assert not [one for one in ("张三", "zhang", *LINK.findall(text)) if one in written]


class Broken(InMemoryHistory):
    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:  # noqa: ARG002
        raise StorageFailed("the disk is full")


@pytest.mark.anyio
async def test_a_failing_database_is_left_to_whoever_calls(archive: Archive) -> None:
    look_up = replace(archive.look_up, history=Broken())

    with pytest.raises(StorageFailed):
        await look_up(LookUpHistory("张三"), ASKING, RULES)


@given(st.text("a`*_[]()<>!\\ \n{}@#|~:/", max_size=8))
def test_a_name_is_shown_as_code_that_nothing_in_it_can_end(name: str) -> None:
    shown = as_code(name)

    assert shown == "" or re.fullmatch(r"`[^`\n]+`", shown)
    assert bool(shown) is bool(name.split())


@pytest.mark.parametrize("name", ["", " ", "\n", "\u200b", " \u200b "])
def test_a_name_of_which_nothing_is_seen_is_none(name: str) -> None:
    assert as_code(name) == ""
