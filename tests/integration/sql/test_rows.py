"""What lies in the tables: no text without need, history, keys, and queries that stay cheap."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, text

from adapters.sql.database import Database
from adapters.sql.housekeeping import CHUNK, Purged, SqlHousekeeping
from adapters.sql.keys import SqlKeys
from adapters.sql.statements import arrivals
from adapters.sql.statements.decisions import refund
from adapters.sql.statements.parcel import Parcel
from adapters.sql.tables import (
    MODEL_NAME,
    PROVIDER_NAME,
    charges,
    exchanges,
    messages,
    sessions,
    spending,
    usage,
)
from application.ports import Arrival, Outcome
from domain.conversation import Session
from domain.inbox import State
from tests.contracts.storage import ANSWER, DAY, SILENCE, Storage, said
from tests.integration.sql.storage import EXCHANGE, FULL, OnSqlite
from tests.strategies import NOON

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@pytest.mark.anyio
class TestRows(OnSqlite):
    async def texts(self, database: Database) -> list[tuple[bool, bool]]:
        query = select(messages.c.body, messages.c.reply).order_by(messages.c.id)

        def read(connection: Connection) -> list[tuple[bool, bool]]:
            return [
                (row.body is not None, row.reply is not None) for row in connection.execute(query)
            ]

        return await database.run(read)

    async def count(self, database: Database, table: str) -> int:
        statement = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of this file
        return int(await database.run(lambda connection: connection.scalar(statement)))

    async def test_a_finished_message_keeps_no_text(
        self, storage: Storage, database: Database
    ) -> None:
        first = await storage.claim_of(said("a"))
        await storage.outcomes.record(first.lease, SILENCE)
        second = await storage.claim_of(said("b"))
        await storage.outcomes.record(second.lease, ANSWER)
        assert await self.texts(database) == [(False, False), (True, True)]

        await storage.outcomes.settle(second.lease, second.lease.message, delivered=True)

        assert await self.texts(database) == [(False, False), (False, False)]

    async def test_a_waiting_reply_is_kept_until_it_is_delivered_and_its_question_is_not(
        self, storage: Storage, database: Database
    ) -> None:
        first = await storage.claim_of(said("a"))
        await storage.outcomes.record(first.lease, ANSWER)
        await storage.outcomes.settle(first.lease, first.lease.message, delivered=False)
        assert await self.texts(database) == [(False, True)]
        second = await storage.claim_of(said("b"))

        await storage.outcomes.settle(second.lease, first.lease.message, delivered=True)

        assert await self.texts(database) == [(False, False), (True, False)]

    async def test_an_exchange_is_remembered_with_who_where_and_when(
        self, storage: Storage, database: Database
    ) -> None:
        claim = await storage.claim_of(said("a", in_group="cidA"))

        await storage.outcomes.record(claim.lease, FULL)

        (row,) = await database.run(lambda connection: connection.execute(select(exchanges)).all())
        assert row._asdict() == {
            "id": 1,
            "message": claim.lease.message,
            "imported_as": None,
            "robot": "robot",
            "conversation": claim.lease.conversation,
            "room_kind": "group",
            "room": "cidA",
            "room_title": "组",
            "user_key": "staff:zhang",
            "staff_id": "zhang",
            "nick": "小*（as it may be shown）",
            "asked_at": int(NOON.timestamp() * 1000),
            "state": "answered",
            "reason": "answered",
            "question": "一加一？",
            "answer": "二",
            "picture": "雪.png",
            "provider": "p",
            "model": "m",
            "prompt_tokens": 3,
            "answer_tokens": 4,
            "first_token_ms": 1000,
            "took_ms": 1500,
            "thought_tokens": None,
            "attempts": None,
        }

    async def test_an_answer_that_no_column_takes_is_stored_as_far_as_it_is_text(
        self, storage: Storage, database: Database
    ) -> None:
        claim = await storage.claim_of(said("a"))
        exchange = replace(EXCHANGE, answer="一\0二\ud800三")

        await storage.outcomes.record(claim.lease, replace(FULL, exchange=exchange))

        answer = await database.run(
            lambda connection: connection.scalar(select(exchanges.c.answer))
        )
        assert answer == "一\ufffd二?三"

    async def test_what_no_model_answered_costs_nothing_and_a_long_name_costs_no_answer(
        self, storage: Storage, database: Database
    ) -> None:
        for name, model in (("a", ""), ("b", "m" * 1000)):
            claim = await storage.claim_of(said(name, by=name))
            exchange = replace(EXCHANGE, provider="p" * 1000, model=model)
            await storage.outcomes.record(claim.lease, replace(FULL, exchange=exchange))

        query = select(spending.c.provider, spending.c.model, spending.c.questions)
        rows = await database.run(lambda connection: connection.execute(query).all())
        assert rows == [("p" * PROVIDER_NAME, "m" * MODEL_NAME, 1)]

    async def test_a_charge_is_given_back_once_however_often_it_is_asked_for(
        self, storage: Storage, database: Database
    ) -> None:
        claim = await storage.claim_of(said("a"))
        user, number = claim.message.sender.key, claim.lease.message
        await storage.ledger.charge(claim.lease, user, DAY, limit=None)

        for _ in range(2):
            await database.run(lambda connection: refund(connection, number, now=0))

        assert await storage.ledger.used(user, DAY) == 0

    async def test_a_kept_key_is_made_once(self, database: Database) -> None:
        keys = SqlKeys(database)

        first = await keys.kept_key("pseudonyms")

        assert len(first) == 32
        assert await SqlKeys(database).kept_key("pseudonyms") == first
        assert await keys.kept_key("another") != first

    async def test_housekeeping_removes_what_is_finished_and_idle(
        self, storage: Storage, database: Database
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.ledger.charge(claim.lease, claim.message.sender.key, DAY, limit=None)
        outcome = Outcome(state=State.FAILED, reason="", session=Session(touched_at=NOON))
        await storage.outcomes.record(claim.lease, outcome)
        housekeeping = SqlHousekeeping(database, storage.clock)

        assert await housekeeping.purge() == Purged(
            messages=0, conversations=0, sessions=0, links=0
        )
        storage.clock.pass_by(WEEK)
        assert await housekeeping.purge() == Purged(
            messages=1, conversations=0, sessions=0, links=0
        )
        assert await self.count(database, charges.name) == 0
        storage.clock.pass_by(MONTH)
        assert await housekeeping.purge() == Purged(
            messages=0, conversations=1, sessions=1, links=0
        )
        assert await self.count(database, sessions.name) == 0
        assert await self.count(database, usage.name) == 1

    @pytest.mark.parametrize("delivered", [True, False])
    async def test_what_was_delivered_is_known_after_its_message_is_removed(
        self, storage: Storage, database: Database, *, delivered: bool
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, replace(ANSWER, exchange=EXCHANGE))
        await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=delivered)
        storage.clock.pass_by(MONTH)

        assert (await SqlHousekeeping(database, storage.clock).purge()).messages == 1

        (record,) = await storage.history.following(claim.message.sender.key, after=None, limit=9)
        assert record.state is (State.DELIVERED if delivered else State.ANSWERED)

    async def test_housekeeping_removes_a_reply_that_nobody_came_for_in_a_month(
        self, storage: Storage, database: Database
    ) -> None:
        for name in ("a", "b"):
            claim = await storage.claim_of(said(name, by=name))
            await storage.outcomes.record(claim.lease, ANSWER)
            await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=False)
        housekeeping = SqlHousekeeping(database, storage.clock)
        storage.clock.pass_by(MONTH - timedelta(hours=1))
        assert (await housekeeping.purge()).messages == 0
        storage.clock.pass_by(timedelta(hours=1))
        under_way = await storage.claim_of(said("c", by="b"))

        assert (await housekeeping.purge()).messages == 1

        await storage.outcomes.settle(under_way.lease, under_way.waiting[0].message, delivered=True)
        assert (await storage.claim_of(said("d", by="a"))).waiting == ()

    async def test_housekeeping_leaves_what_is_open_or_waits(
        self, storage: Storage, database: Database
    ) -> None:
        waiting = await storage.claim_of(said("a"))
        await storage.outcomes.record(waiting.lease, ANSWER)
        await storage.outcomes.settle(waiting.lease, waiting.lease.message, delivered=False)
        await storage.accept(said("b", by="li"))
        storage.clock.pass_by(MONTH - timedelta(hours=1))

        purged = await SqlHousekeeping(database, storage.clock).purge()

        assert purged.messages == 0
        assert (await storage.only_claim()).message.id == "b"
        assert len((await storage.claim_of(said("c"))).waiting) == 1

    async def test_a_big_cleaning_is_done_in_small_steps(
        self, storage: Storage, database: Database
    ) -> None:
        rows = [Parcel.of(Arrival(message=said(f"{n}"), signed_at=None)) for n in range(CHUNK + 1)]
        await database.run(lambda connection: arrivals.store(connection, rows, now=0))
        finish = text("UPDATE messages SET finished_at = 0")
        await database.run(lambda connection: connection.execute(finish).rowcount)

        purged = await SqlHousekeeping(database, storage.clock).purge()

        assert purged.messages == CHUNK + 1
        assert len(storage.clock.slept) == 1
