"""What the models were used for, read from the sums of each day."""

from datetime import date
from functools import partial

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, cast, func, select

from adapters.sql.database import Database
from adapters.sql.statements.upserts import COUNTED
from adapters.sql.tables import spending
from domain.spending import ModelUse


class SqlSpending:
    """Satisfies `application.ports.Spending`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spent(self, first: date, last: date) -> tuple[ModelUse, ...]:
        return await self._database.read(partial(spent, first=first, last=last))


def whole(column: Column[int]) -> ColumnElement[int]:
    """Of all shares together."""
    return cast(func.sum(column), BigInteger).label(column.name)


def spent(connection: Connection, *, first: date, last: date) -> tuple[ModelUse, ...]:
    # Days are written so that their order as texts is that of the calendar.
    sums = (spending.c.day, spending.c.provider, spending.c.model)
    query = (
        select(*sums, *(whole(spending.c[name]) for name in COUNTED))
        .where(spending.c.day.between(first.isoformat(), last.isoformat()))
        .group_by(*sums)
        .order_by(*sums)
    )
    return tuple(
        ModelUse(
            day=date.fromisoformat(row.day),
            provider=row.provider,
            model=row.model,
            questions=row.questions,
            prompt_tokens=row.prompt_tokens,
            answer_tokens=row.answer_tokens,
            pictures=row.pictures,
        )
        for row in connection.execute(query)
    )
