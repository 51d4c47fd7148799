"""The proving ground: the service, its outside and a crowd, put up and always taken down."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom

import pytest

from tests.crash.invariants import Evidence, audit
from tests.crash.load import SECRET, Crowd
from tests.crash.outside import Outside
from tests.crash.records import Records, Store
from tests.crash.service import Service, free_port

KILLS = int(os.environ.get("CRASH_KILLS") or 0)
"""How many kills were asked for; 0 is the short selection that runs with the other tests."""

LONG = KILLS > 0
SEED = int(os.environ.get("CRASH_SEED") or SystemRandom().getrandbits(32))
only_long = pytest.mark.long
DRAINED_WITHIN = 90.0


@dataclass(slots=True, kw_only=True)
class Ground:
    services: tuple[Service, ...]
    records: Records
    outside: Outside
    crowd: Crowd
    limit: int
    chance: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - chance, not a secret
    audits: int = 0
    overdrawn: list[str] = field(default_factory=list)

    @property
    def service(self) -> Service:
        """The only one, or the first of the replicas."""
        return self.services[0]

    async def start(self) -> None:
        """Start whatever does not run, all at the same moment."""
        for service in self.services:
            if not service.lives:
                await service.start()
        for service in self.services:
            await service.ready()

    async def kill(self, service: Service | None = None) -> None:
        await (service or self.service).kill()
        await self.outside.mark()

    async def kill_worker(self) -> None:
        """`kill -9` for one of the first service's processes; returns when there is another for it."""
        workers = self.service.workers
        os.kill(self.chance.choice(sorted(workers)), signal.SIGKILL)
        await self.outside.mark()
        await until(lambda: len(self.service.workers - workers) == 1)

    async def judged(self, within: float = DRAINED_WITHIN) -> Evidence:
        """When the work is done: everything, with every invariant checked."""
        acknowledged = [one.msg_id for one in self.crowd.history if one.acknowledged]
        if await self.service.drained(acknowledged, within):
            # What was stored without being acknowledged in time is work as well.
            await self.service.drained([str(one) for one in self.evidence().stored], within)
        evidence = self.evidence()
        print(f"\nseed {SEED}:", json.dumps(evidence.figures()))  # noqa: T201 - what `make crash` is for
        broken = evidence.violations() + self.overdrawn
        assert broken == [], broken
        return evidence

    def evidence(self) -> Evidence:
        return Evidence(
            history=self.crowd.history,
            outside=self.outside,
            records=self.records,
            logs=[service.log for service in self.services],
            limit=self.limit,
        )

    async def watch_the_ledger(self, end: asyncio.Event) -> None:
        """In a thread: the crowd, whose answers are timed, must not wait for a server that hangs."""
        while not end.is_set():
            self.overdrawn += await asyncio.to_thread(audit, self.records, self.limit)
            self.audits += 1
            await asyncio.sleep(0.1)


@asynccontextmanager
async def proving_ground(  # noqa: PLR0913 - a word for each thing that a test may want otherwise
    folder: Path,
    store: Store,
    *,
    limit: int = 1000,
    keep_in: Path | None = None,
    replicas: int = 1,
    workers: int = 1,
    kind: type[Service] = Service,
) -> AsyncIterator[Ground]:
    """Everything but the processes themselves is up, over a new database."""
    data = keep_in or folder / "data"
    data.mkdir(exist_ok=True)
    with closing(store.new(data)) as records:
        async with Outside().open() as outside:
            services = tuple(
                kind(
                    config=folder / f"config-{number}.yml",
                    port=free_port(),
                    log=folder / f"log-{number}",
                    records=records,
                )
                for number in range(replicas)
            )
            for service in services:
                write_configuration(service, outside, data, limit, workers)
            urls = [service.url for service in services]
            crowd = Crowd(seed=SEED, services=urls, webhook=outside.dingtalk.webhook)
            ground = Ground(
                services=services, records=records, outside=outside, crowd=crowd, limit=limit
            )
            end = asyncio.Event()
            watching = asyncio.create_task(ground.watch_the_ledger(end))
            try:
                yield ground
            finally:
                end.set()
                await crowd.close()
                for service in services:
                    if service.lives:
                        await service.kill()
                await watching


def write_configuration(
    service: Service, outside: Outside, data: Path, limit: int, workers: int
) -> None:
    provider = {
        "name": "m",
        "kind": "openai",
        "api_key": SECRET,
        "base_url": outside.model.url,
        "model": "gpt-4o",
    }
    settings = {
        "providers": [provider],
        "app_secrets": [SECRET],
        "host": "127.0.0.1",
        "port": str(service.port),
        "data_dir": str(data),
        "database_url": service.records.url,
        "webhook_hosts": [outside.dingtalk.origin],
        "max_request": limit,
        "max_text": 1_000_000,
        "session_timeout": "1h",
        "workers": workers,
    }
    service.config.write_text(json.dumps(settings))


async def until(is_so: Callable[[], bool], within: float = 15) -> None:
    """Wait for something outside to happen."""
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110 - what is outside rings no bell
            await asyncio.sleep(0.02)
