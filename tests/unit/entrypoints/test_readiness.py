"""The verdict on the database is asked for once by all, and again when it has aged."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from application.errors import StorageFailed
from application.ports import Backlog
from entrypoints.readiness import FRESH, Readiness
from tests.fakes.inbox import PreparedInbox

pytestmark = pytest.mark.anyio


@dataclass
class AskedInbox(PreparedInbox):
    """Counts how often it is asked, and answers when it may."""

    questions: int = 0
    is_away: bool = False
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def backlog(self) -> Backlog:
        self.questions += 1
        await self.may_answer.wait()
        if self.is_away:
            raise StorageFailed("away")
        return await super().backlog()


@pytest.fixture
async def inbox() -> AskedInbox:
    return AskedInbox()


def readiness_of(inbox: AskedInbox, *, fresh: timedelta = FRESH) -> Readiness:
    return Readiness(
        inbox=inbox,
        configuration_problems=lambda: ("a key has a mistake",),
        provider_problems=lambda: ("provider main: no funds",),
        fresh=fresh,
    )


async def test_warnings_are_about_keys_and_providers(inbox: AskedInbox) -> None:
    assert readiness_of(inbox).warnings() == ("a key has a mistake", "provider main: no funds")


async def test_many_who_ask_at_once_share_one_question(inbox: AskedInbox) -> None:
    readiness = readiness_of(inbox, fresh=timedelta())
    asking = [asyncio.ensure_future(readiness.reasons()) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    inbox.may_answer.set()

    assert await asyncio.gather(*asking) == [()] * 20
    assert inbox.questions == 1


async def test_who_goes_away_does_not_take_the_answer_along(inbox: AskedInbox) -> None:
    readiness = readiness_of(inbox)
    gone, staying = (asyncio.ensure_future(readiness.reasons()) for _ in range(2))
    await asyncio.sleep(0)

    gone.cancel()
    inbox.may_answer.set()

    assert await staying == ()


async def test_a_fresh_verdict_is_repeated_without_asking(inbox: AskedInbox) -> None:
    inbox.may_answer.set()
    readiness = readiness_of(inbox, fresh=timedelta(hours=1))
    await readiness.reasons()
    inbox.is_away = True

    assert await readiness.reasons() == ()
    assert inbox.questions == 1


async def test_an_old_verdict_is_asked_for_again(inbox: AskedInbox) -> None:
    inbox.may_answer.set()
    readiness = readiness_of(inbox, fresh=timedelta())
    await readiness.reasons()
    inbox.is_away = True

    assert await readiness.reasons() == ("the database does not answer",)


async def test_that_it_stops_is_told_at_once(inbox: AskedInbox) -> None:
    inbox.may_answer.set()
    readiness = readiness_of(inbox, fresh=timedelta(hours=1))
    await readiness.reasons()

    readiness.stopping = True

    assert await readiness.reasons() == ("the service is stopping",)
