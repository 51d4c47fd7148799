"""What every `HistoryLinks` promises."""

from datetime import timedelta

import pytest

from application.ports import HistoryLinks
from domain.history import HistoryLink
from domain.message import StaffId, UserKey, staff_key
from tests.strategies import NOON

BOSS, OTHER = staff_key(StaffId("boss")), staff_key(StaffId("other"))
MILLISECOND = timedelta(milliseconds=1)
ONE, TWO, THREE = bytes(32), b"2" * 32, b"3" * 32


def link_of(asked_by: UserKey = BOSS, *, life: timedelta = timedelta(hours=1)) -> HistoryLink:
    person = staff_key(StaffId("zhang"))
    return HistoryLink(person=person, asked_by=asked_by, expires_at=NOON + life)


@pytest.mark.anyio
class HistoryLinksContract:
    @pytest.fixture
    def links(self) -> HistoryLinks:
        raise NotImplementedError

    async def test_what_was_never_kept_is_not_found(self, links: HistoryLinks) -> None:
        await links.keep(ONE, link_of())

        assert await links.find(TWO, now=NOON) is None

    async def test_a_link_is_found_as_it_was_kept(self, links: HistoryLinks) -> None:
        await links.keep(ONE, link_of(BOSS))
        await links.keep(TWO, link_of(OTHER))

        assert await links.find(ONE, now=NOON) == link_of(BOSS)
        assert await links.find(TWO, now=NOON) == link_of(OTHER)

    async def test_a_link_ends_to_the_millisecond(self, links: HistoryLinks) -> None:
        link = link_of()
        await links.keep(ONE, link)

        assert await links.find(ONE, now=link.expires_at - MILLISECOND) == link
        assert await links.find(ONE, now=link.expires_at) is None
        assert await links.find(ONE, now=link.expires_at + MILLISECOND) is None

    async def test_a_revoked_link_is_gone_and_the_others_are_not(self, links: HistoryLinks) -> None:
        await links.keep(ONE, link_of())
        await links.keep(TWO, link_of())

        await links.revoke(ONE)

        assert await links.find(ONE, now=NOON) is None
        assert await links.find(TWO, now=NOON) == link_of()

    async def test_revoking_what_is_not_there_is_no_error(self, links: HistoryLinks) -> None:
        await links.revoke(ONE)

        assert await links.find(ONE, now=NOON) is None

    async def test_all_links_of_one_administrator_end_and_nobody_elses(
        self, links: HistoryLinks
    ) -> None:
        await links.keep(ONE, link_of(BOSS))
        await links.keep(TWO, link_of(OTHER))
        await links.keep(THREE, link_of(BOSS))

        assert await links.revoke_all_of(BOSS, now=NOON) == 2

        assert await links.find(ONE, now=NOON) is None
        assert await links.find(TWO, now=NOON) == link_of(OTHER)
        assert await links.find(THREE, now=NOON) is None
        assert await links.revoke_all_of(BOSS, now=NOON) == 0

    async def test_a_link_that_had_ended_is_not_counted_and_stays_ended_if_the_clock_is_put_back(
        self, links: HistoryLinks
    ) -> None:
        await links.keep(ONE, link_of(life=timedelta()))

        assert await links.revoke_all_of(BOSS, now=NOON) == 0
        assert await links.find(ONE, now=NOON - timedelta(hours=1)) is None
