"""Rows that hold what this version cannot read: they are given up, and stop nothing else."""

import logging

import pytest
from sqlalchemy import select, text

from adapters.sql.database import Database
from adapters.sql.tables import messages
from application.ports import Claim
from domain.conversation import Session
from domain.message import IncomingMessage
from tests.contracts.storage import ANSWER, DAY, UNSAID, Storage, ids_of, said
from tests.integration.sql.storage import FULL, OnSqlite

MESSAGE = [
    "UPDATE messages SET body = '{}'",
    "UPDATE messages SET body = 'no JSON'",
    "UPDATE messages SET body = NULL",
    "UPDATE messages SET state = 'pondered'",
    "UPDATE messages SET delivery = 'by_pigeon'",
    "UPDATE messages SET state = 'delivered'",
    "UPDATE messages SET reply = '[{}]'",
]
SESSION = [
    """UPDATE sessions SET turns = '[{"question": "a", "answer": "b"}]'""",
    "UPDATE sessions SET turns = 'no JSON'",
    "UPDATE sessions SET mode = 'shouting'",
    "UPDATE sessions SET touched_at = 9000000000000000000",
]
WAITING = [
    "UPDATE messages SET reply = '[{}]'",
    "UPDATE messages SET reply = NULL",
    "UPDATE messages SET state = 'pondered'",
]


@pytest.mark.anyio
class TestUnreadableRows(OnSqlite):
    @pytest.fixture(autouse=True)
    def _heard(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.WARNING)

    async def spoil(self, database: Database, statement: str) -> None:
        await database.run(lambda connection: connection.execute(text(statement)).rowcount)

    async def charged(self, storage: Storage, message: IncomingMessage) -> Claim:
        claim = await storage.claim_of(message)
        await storage.ledger.charge(claim.lease, message.sender.key, DAY, limit=None)
        return claim

    async def used(self, storage: Storage) -> int:
        return await storage.ledger.used(said("a").sender.key, DAY)

    async def last_row(self, database: Database) -> tuple[object, ...]:
        columns = (messages.c.state, messages.c.reason, messages.c.body, messages.c.reply)
        query = select(*columns, messages.c.finished_at.is_not(None)).limit(1)
        return await database.run(lambda connection: tuple(connection.execute(query).one()))

    @pytest.mark.parametrize("damage", MESSAGE)
    async def test_an_unreadable_message_is_given_up_and_the_others_go_on(
        self, storage: Storage, database: Database, damage: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        claim = await self.charged(storage, said("a"))
        await storage.inbox.hand_back(claim.lease)
        await self.spoil(database, damage)
        await storage.accept(said("b"), said("c", by="li"))

        assert ids_of(await storage.claims()) == ["c"]

        assert ids_of(await storage.claims()) == ["b"]
        assert await self.last_row(database) == ("failed", "unreadable", None, None, True)
        assert await self.used(storage) == 0
        assert [(one.msg, vars(one)["number"]) for one in caplog.records] == [
            ("message_unreadable", claim.lease.message)
        ]

    @pytest.mark.parametrize("damage", MESSAGE)
    async def test_an_unreadable_message_by_itself_leaves_an_empty_inbox(
        self, storage: Storage, database: Database, damage: str
    ) -> None:
        await storage.accept(said("a"))
        await self.spoil(database, damage)

        assert await storage.claims() == ()

        assert (await storage.inbox.backlog()).messages == 0
        assert not (await storage.claim_of(said("b"))).has_newer

    @pytest.mark.parametrize("damage", SESSION)
    async def test_an_unreadable_session_counts_as_none(
        self, storage: Storage, database: Database, damage: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, FULL)
        await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=True)
        await self.spoil(database, damage)

        claim = await storage.claim_of(said("b"))

        assert claim.session == Session()
        assert [(one.msg, vars(one)["number"]) for one in caplog.records] == [
            ("session_unreadable", claim.lease.message)
        ]

    @pytest.mark.parametrize("damage", WAITING)
    async def test_an_unreadable_reply_that_waits_is_given_up_and_its_conversation_goes_on(
        self, storage: Storage, database: Database, damage: str
    ) -> None:
        claim = await self.charged(storage, said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=False)
        await self.spoil(database, damage)

        claim = await storage.claim_of(said("b"))

        assert claim.waiting == ()
        assert await self.last_row(database) == ("failed", "unreadable", None, None, True)
        assert await self.used(storage) == 0
        await storage.outcomes.record(claim.lease, UNSAID)
        assert ids_of((await storage.claim_of(said("c")),)) == ["c"]
