"""What comes in together is answered as if it had come one after the other."""

import pytest

from adapters.sql.database import Database
from adapters.sql.doorstep import store_all
from adapters.sql.statements.parcel import Parcel
from application.ports import Acceptance, Arrival
from domain.inbox import MAX_MESSAGES_PER_SIGNATURE
from tests.contracts.storage import said
from tests.integration.sql.storage import OnPostgres, OnSqlite

WORN_OUT, FRESH = 1, 2
"""Moments of signatures: one has vouched for as many messages as it may."""


def parcel(msg_id: str, signed_at: int | None) -> Parcel:
    return Parcel.of(Arrival(message=said(msg_id), signed_at=signed_at))


@pytest.mark.anyio
class Batches:
    async def test_a_copy_under_a_worn_out_signature_does_not_turn_the_others_away(
        self, database: Database
    ) -> None:
        most = [parcel(f"{number}", WORN_OUT) for number in range(MAX_MESSAGES_PER_SIGNATURE)]
        copies = [parcel("a", moment) for moment in (WORN_OUT, WORN_OUT, FRESH, FRESH, None)]

        await database.run_single(lambda one: store_all(one, most, now=0))
        answers = await database.run_single(lambda one: store_all(one, copies, now=0))

        assert answers == [
            Acceptance.REPLAYED,
            Acceptance.REPLAYED,
            Acceptance.STORED,
            Acceptance.DUPLICATE,
            Acceptance.DUPLICATE,
        ]


class TestBatchesOnSqlite(OnSqlite, Batches): ...


class TestBatchesOnPostgres(OnPostgres, Batches): ...
