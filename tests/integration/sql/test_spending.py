"""What the models were used for, out of the database."""

from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from sqlalchemy import delete

from adapters.sql.database import Database
from adapters.sql.spending import SqlSpending
from adapters.sql.tables import exchanges, messages
from application.ports import Outcome
from domain.history import Exchange
from domain.inbox import State
from tests.contracts.spending import ANSWERED, MONDAY, ONE_USE, SpendingContract
from tests.contracts.storage import Storage, said
from tests.integration.sql.storage import OnPostgres, OnSqlite


@dataclass(frozen=True)
class BookInSql:
    """Answers are noted as the worker does it, each in a conversation of its own."""

    storage: Storage
    spending: SqlSpending

    async def note(self, exchange: Exchange, *, state: State = State.ANSWERED) -> None:
        one = uuid4().hex
        claim = await self.storage.claim_of(said(one, by=one))
        outcome = Outcome(state=state, reason="settled", exchange=exchange)
        await self.storage.outcomes.record(claim.lease, outcome)


class Spent(SpendingContract):
    @pytest.fixture
    def book(self, storage: Storage, database: Database) -> BookInSql:
        return BookInSql(storage, SqlSpending(database))

    async def test_what_was_spent_outlives_the_history(
        self, book: BookInSql, database: Database
    ) -> None:
        await book.note(ANSWERED)

        await database.run(lambda connection: connection.execute(delete(exchanges)).rowcount)
        await database.run(lambda connection: connection.execute(delete(messages)).rowcount)

        assert await book.spending.spent(MONDAY, MONDAY) == (ONE_USE,)

    async def test_a_question_without_an_answer_is_not_in_the_sum(self, book: BookInSql) -> None:
        await book.note(replace(ANSWERED, answer=""), state=State.FAILED)

        assert await book.spending.spent(MONDAY, MONDAY) == ()


class TestSpendingOnSqlite(OnSqlite, Spent): ...


class TestSpendingOnPostgres(OnPostgres, Spent): ...
