"""What a message costs in small tables and in large ones: `python -m benchmarks.growth 10000000 1000000`."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import median

from adapters.clock import SystemClock
from adapters.sql.database import Database, open_database
from adapters.sql.doorstep import SqlDoorstep
from adapters.sql.history import SqlHistory
from adapters.sql.inbox import SqlInbox
from adapters.sql.ledger import SqlLedger
from adapters.sql.outcomes import SqlOutcomes
from adapters.sql.schema import in_schema_transaction, migrate
from application.ports import Arrival, Claim
from benchmarks.filling import Size, fill
from domain.message import UserKey
from tests.contracts.storage import said
from tests.integration.sql.storage import FULL, SOON
from tests.postgres.databases import Databases, databases

SMALL = Size(messages=10_000, conversations=1_000)
ROUNDS = 300
DAY = date(2026, 1, 1)
PERSON = UserKey("staff:u7")


@dataclass(slots=True)
class Steps:
    """The steps of one message, and what people look at."""

    database: Database
    number: int = 0
    claims: tuple[Claim, ...] = ()

    async def accept(self) -> None:
        self.number += 1
        message = said(f"new-{self.number}", by=f"new{self.number}")
        await SqlDoorstep(self.database, SystemClock()).accept(
            Arrival(message=message, signed_at=self.number)
        )

    async def claim_it(self) -> None:
        self.claims = await SqlInbox(self.database, SystemClock()).claim(capacity=8, per_user=4)

    async def charge(self) -> None:
        (claim,) = self.claims
        key = claim.message.sender.key
        await SqlLedger(self.database).charge(claim.lease, key, DAY, limit=9)

    async def record(self) -> None:
        (claim,) = self.claims
        await SqlOutcomes(self.database, SystemClock()).record(claim.lease, FULL)

    async def settle(self) -> None:
        lease = self.claims[0].lease
        outcomes = SqlOutcomes(self.database, SystemClock())
        await outcomes.settle(lease, lease.message, delivered=True)

    async def used(self) -> None:
        await SqlLedger(self.database).used(PERSON, DAY)

    async def backlog(self) -> None:
        await SqlInbox(self.database, SystemClock()).backlog()

    async def page(self) -> None:
        await SqlHistory(self.database).page(PERSON, matching="", number=1, size=20)

    async def people(self) -> None:
        await SqlHistory(self.database).people_called("u7", limit=9)


async def measured(url: str) -> dict[str, float]:
    """The median of each step in milliseconds."""
    database = open_database(url)
    steps = Steps(database)
    kinds: tuple[Callable[[], Awaitable[None]], ...] = (
        steps.accept, steps.claim_it, steps.charge, steps.record, steps.settle,
        steps.used, steps.backlog, steps.page, steps.people,
    )  # fmt: skip
    times: dict[str, list[float]] = {kind.__name__: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind in kinds:
            began = time.perf_counter()
            await kind()
            times[kind.__name__].append(time.perf_counter() - began)
    await database.close(deadline=SOON)
    return {name: 1000 * median(found) for name, found in times.items()}


def measure(server: Databases, size: Size) -> dict[str, float]:
    with server.one() as url:
        migrate(url)
        began = time.monotonic()
        in_schema_transaction(url, partial(fill, size=size))
        print(f"{size.messages:,} messages filled in {time.monotonic() - began:.0f} s")
        return asyncio.run(measured(url))


def main(messages: int, conversations: int) -> None:
    with databases() as server:
        small = measure(server, SMALL)
        large = measure(server, Size(messages=messages, conversations=conversations))
    for name, there in large.items():
        print(f"{name:10} {small[name]:7.2f} ms {there:7.2f} ms {there / small[name]:6.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
