"""One process and two, SQLite and PostgreSQL: callbacks taken, and whole questions answered."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from adapters.sql.schema import migrate
from benchmarks.load import SECRET, Load, drive
from benchmarks.processes import cpu_seconds, free_port, running
from tests.children import children_of
from tests.postgres.server import DURABLE, PostgresServer, running_server

SECONDS = 10
WARMING = 4
CONNECTIONS = 32
ROOT = Path(__file__).parents[1]
PROGRAM = str(Path(sys.executable).with_name("chatgpt-dingtalk"))
FAKE = [sys.executable, "-m"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is compared."""

    name: str
    is_postgres: bool
    replicas: int = 1
    """Services, each with a port of its own."""
    workers: int = 1
    """Processes of each."""


SETTINGS = (
    Setting(name="SQLite, 1 process", is_postgres=False),
    Setting(name="PostgreSQL, 1 process", is_postgres=True),
    Setting(name="PostgreSQL, 2 services", is_postgres=True, replicas=2),
    Setting(name="PostgreSQL, 2 workers", is_postgres=True, workers=2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A number a second, and milliseconds of CPU for each."""

    rate: float
    service: float
    database: float
    around: float
    """Of the load and the fakes, which have the same cores."""

    @property
    def busy(self) -> float:
        """How many busy processes two cores hold beside the database that these need; the rest left out."""
        return 2 * self.service / (self.service + self.database)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """CPU seconds so far."""

    service: float
    database: float
    around: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running service with its fakes."""

    ports: tuple[int, ...]
    pids: tuple[int, ...]
    fakes: tuple[int, ...]
    database: PostgresServer | None
    webhook: int

    def spent(self) -> Spent:
        server = self.database.processes() if self.database else []
        service = [one for pid in self.pids for one in (pid, *children_of(pid))]
        return Spent(
            service=sum(map(cpu_seconds, service)),
            database=sum(map(cpu_seconds, server)),
            around=sum(map(cpu_seconds, self.fakes)) + time.process_time(),
        )

    def replies(self) -> int:
        return int(httpx.get(f"http://127.0.0.1:{self.webhook}/", trust_env=False, timeout=60).text)


@contextmanager
def site(setting: Setting, thinking: float = 0) -> Iterator[Site]:
    """A model that thinks so many seconds."""
    with ExitStack() as stack:
        url, server = "", None
        if setting.is_postgres:
            server = stack.enter_context(running_server(DURABLE))
            url = server.url
            migrate(url)
        model, webhook = free_port(), free_port()
        delay = ["--delay", str(thinking)]
        fakes = [
            stack.enter_context(
                running([*FAKE, module, "--port", str(port), *more], port, cwd=ROOT)
            )
            for module, port, more in (
                ("tests.fakes.model_server", model, delay),
                ("benchmarks.webhook", webhook, []),
            )
        ]
        ports = tuple(free_port() for _ in range(setting.replicas))
        pids = [
            stack.enter_context(replica(port, url, model, webhook, workers=setting.workers))
            for port in ports
        ]
        yield Site(
            ports=ports, pids=tuple(pids), fakes=tuple(fakes), database=server, webhook=webhook
        )


@contextmanager
def replica(port: int, url: str, model: int, webhook: int, *, workers: int) -> Iterator[int]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    provider = {
        "name": "fake",
        "kind": "openai",
        "api_key": "sk-bench-0001",
        "model": "some-model",
        "base_url": f"http://127.0.0.1:{model}",
        "stream": False,
    }
    settings = {
        "port": str(port),
        "host": "127.0.0.1",
        "app_secrets": [SECRET],
        "webhook_hosts": [f"http://127.0.0.1:{webhook}"],
        "log_level": "warning",
        "database_url": url,
        "providers": [provider],
        "workers": workers,
    }
    (folder / "config.yml").write_text(json.dumps(settings), encoding="utf-8")
    with running([PROGRAM, "serve"], port, cwd=folder) as pid:
        yield pid


async def load(place: Site, run: str, seconds: float, rate: float | None = None) -> list[Load]:
    """From all sides at once."""
    address = f"http://127.0.0.1:{place.webhook}/robot/sendBySession"
    connections = CONNECTIONS // len(place.ports)
    return await asyncio.gather(
        *(
            drive(
                port,
                run=f"{run}-{port}",
                connections=connections,
                seconds=seconds,
                rate=rate and rate / len(place.ports),
                webhook=address,
            )
            for port in place.ports
        )
    )


def answering(setting: Setting, rate: float) -> Cost:
    """Whole questions, offered for some seconds; counted until the last is answered."""
    with site(setting) as place:
        # At full speed, until every connection has planned its statements for good.
        answer_all(place, "warm", WARMING, rate)
        before, began = place.spent(), time.perf_counter()
        answered = answer_all(place, "run", SECONDS, rate)
        return cost(before, place.spent(), answered, time.perf_counter() - began)


def answer_all(place: Site, run: str, seconds: float, rate: float) -> int:
    """Offer questions for so long and wait until all are answered; returns how many were."""
    replies, began = place.replies(), time.perf_counter()
    sent = sum(len(one.latencies) for one in asyncio.run(load(place, run, seconds, rate)))
    answered = 0
    while answered < sent and time.perf_counter() - began < 20 * seconds:
        time.sleep(0.1)
        answered = place.replies() - replies
    return answered


def accepting(setting: Setting) -> Cost:
    """Callbacks as fast as they go. The model thinks long, so that hardly anything else is done."""
    with site(setting, thinking=600) as place:
        asyncio.run(load(place, "warm", 1, rate=20))
        before = place.spent()
        loads = asyncio.run(load(place, "run", SECONDS))
        return cost(before, place.spent(), sum(len(one.latencies) for one in loads), SECONDS)


def cost(before: Spent, after: Spent, count: int, seconds: float) -> Cost:
    each = 1000 / max(1, count)
    return Cost(
        rate=count / seconds,
        service=each * (after.service - before.service),
        database=each * (after.database - before.database),
        around=each * (after.around - before.around),
    )


def measure(rate: float = 400.0) -> None:
    """All settings, one after the other; the first is the baseline."""
    show("answers", {setting.name: answering(setting, rate) for setting in SETTINGS})
    show("callbacks", {setting.name: accepting(setting) for setting in SETTINGS})


def show(what: str, table: dict[str, Cost]) -> None:
    base = table[SETTINGS[0].name]
    heads = ("a second", "ratio", "CPU ms each", "database", "ratio", "busy of 2", "around")
    print(f"{what:26}" + "".join(f"{head:>13}" for head in heads))
    for name, one in table.items():
        cpu = (one.service + one.database) / (base.service + base.database)
        ratio = one.rate / base.rate
        numbers = (one.rate, ratio, one.service, one.database, cpu, one.busy, one.around)
        print(f"{name:26}" + "".join(f"{number:13.2f}" for number in numbers))


if __name__ == "__main__":
    measure(*map(float, sys.argv[1:2]))
