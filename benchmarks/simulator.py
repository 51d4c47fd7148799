"""Fifty messages a second through simulator and service: does anything fail or grow?

`python -m benchmarks.simulator`, or with `stream` or `http` alone. Each mode first fills every buffer of the
simulator, which takes as long as 5,000 sessions do; the minute that counts comes then.
"""

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import msgspec

from benchmarks.processes import cpu_seconds, free_port, resident_megabytes, running
from dingtalk_simulator.state import Bounds

SECRET = "benchmark-secret-0123456789"  # noqa: S105 - of nobody
CLIENT_ID = "dingsimulated0001"
PEOPLE = 200
RATE = 50
FILLING = Bounds().sessions / RATE + 20
MEASURED = 60.0
SAMPLES = 6
LOOK = 5.0
"""Seconds between two looks at the calls: sooner than they are forgotten."""

CHUNKS = 20
CONNECTIONS = 16
ANSWERS = frozenset({"sendBySession", "batchSend"})
"""The second where the first came so late that 5,000 others had been asked since."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two processes and the simulator's port."""

    simulator: int
    service: int
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(slots=True)
class Seen:
    """What was said, and what the calls told, so far."""

    said: int = 0
    cursor: int = 0
    calls: int = 0
    answered: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def pair(mode: str) -> Iterator[Pair]:
    """Simulator, service and a fake model, each a process of its own."""
    model, port, played = free_port(), free_port(), free_port()
    folder, root = Path(tempfile.mkdtemp(prefix="bench-")), Path(__file__).parents[1]
    origin = f"http://127.0.0.1:{played}"
    (folder / "config.yml").write_text(
        f"""
port: {port}
host: 127.0.0.1
run_mode: {mode}
credentials: [{{client_id: {CLIENT_ID}, client_secret: {SECRET}}}]
webhook_hosts: ["{origin}"]
dingtalk_api_url: {origin}
dingtalk_oapi_url: {origin}
log_level: warning
providers: [{{name: fake, kind: openai, model: m, api_key: sk-bench-0001, base_url: "http://127.0.0.1:{model}"}}]
""",
        encoding="utf-8",
    )
    program = str(Path(sys.executable).with_name("chatgpt-dingtalk"))
    way = ["--stream"] if mode == "stream" else ["--target", f"http://127.0.0.1:{port}/"]
    simulate = ["simulate", "--port", str(played), "--secret", SECRET, *way]
    chunks = ["--port", str(model), "--chunks", str(CHUNKS)]
    fake = [sys.executable, "-m", "tests.fakes.model_server", *chunks]
    with ExitStack() as stack:
        stack.enter_context(running(fake, model, cwd=root))
        simulator = stack.enter_context(running([program, *simulate], played))
        service = stack.enter_context(running([program, "serve"], port, cwd=folder))
        yield Pair(simulator, service, played)


async def say_for(port: int, people: list[str], seconds: float, seen: Seen) -> float:
    """Messages at a steady rate, whatever becomes of them; returns how many a second it came to."""
    began, turns, said = time.perf_counter(), itertools.count(), 0

    async def client() -> None:
        nonlocal said
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (due := (number := next(turns)) / RATE) < seconds:
            await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
            writer.write(_request(port, people[number % len(people)], number))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            if not head.startswith(b"http/1.1 201"):
                seen.wrong.append(f"not said: {head[:12].decode()}")
            said += 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    seen.said += said
    return said / (time.perf_counter() - began)


def _request(port: int, person: str, number: int) -> bytes:
    words = {"person": person, "text": f"请问第 {number} 个问题怎么回答？", "wait": False}
    body = msgspec.json.encode(words)
    head = (
        f"POST /_simulator/messages HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def look(client: httpx.AsyncClient, seen: Seen) -> None:
    """Read the calls that are new; each has to have gone well."""
    while True:
        query = {"after": seen.cursor, "limit": 1000}
        told = (await client.get("/_simulator/calls", params=query)).json()
        for call in told["calls"]:
            is_stuck = call["status"] is None and time.time() * 1000 - call["at"] > LOOK * 1000
            if call["error"] or call["errcode"] or (call["status"] or 0) >= 400 or is_stuck:  # noqa: PLR2004 - as HTTP has it
                seen.wrong.append(
                    f"{call['endpoint']} {call['status']} {call['error']} {call['code']}"
                )
            seen.answered += call["endpoint"] in ANSWERS and not (call["errcode"] or call["code"])
        seen.calls += len(told["calls"])
        seen.cursor = told["cursor"]
        if len(told["calls"]) < query["limit"]:
            return


async def looking(client: httpx.AsyncClient, seen: Seen) -> None:
    while True:
        await look(client, seen)
        await asyncio.sleep(LOOK)


async def waits(client: httpx.AsyncClient) -> list[float]:
    """Seconds from what was said to what was answered, of the messages that are still kept."""
    messages = (await client.get("/_simulator/transcript")).json()["messages"]
    said = {one["id"]: one["at"] for one in messages if one["by"] == "person"}
    return sorted(
        (one["at"] - said[one["answers"]]) / 1000
        for one in messages
        if one["by"] == "robot" and one["answers"] in said
    )


def sizes(both: Pair) -> tuple[float, float]:
    return resident_megabytes(both.simulator), resident_megabytes(both.service)


async def measured(mode: str, both: Pair) -> None:
    # Sooner than the server, which closes what was idle for five seconds.
    limits = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(
        base_url=both.origin, trust_env=False, timeout=30, limits=limits
    ) as client:
        people = [await _somebody(client, number) for number in range(PEOPLE)]
        seen, idle = Seen(), sizes(both)
        watching = asyncio.create_task(looking(client, seen))
        await say_for(both.port, people, FILLING, seen)
        full, spent = [sizes(both)], (cpu_seconds(both.simulator), cpu_seconds(both.service))
        before, rates = seen.said, list[float]()
        for _ in range(SAMPLES):
            rates.append(await say_for(both.port, people, MEASURED / SAMPLES, seen))
            full.append(sizes(both))
        costs = (cpu_seconds(both.simulator) - spent[0], cpu_seconds(both.service) - spent[1])
        watching.cancel()
        await all_answered(client, seen)
        report(mode, min(rates), seen, await waits(client))
        for number, name in enumerate(("simulator", "service")):
            row = " ".join(f"{size[number]:.0f}" for size in full)
            ratio = full[-1][number] / full[0][number]
            each = costs[number] / (seen.said - before) * 1000
            pause = MEASURED / SAMPLES
            print(
                f"  {name}: idle {idle[number]:.0f} MB, full and then every {pause:.0f} s {row} MB;"
            )
            print(f"    ratio {ratio:.2f}; {each:.1f} ms CPU a message")


async def all_answered(client: httpx.AsyncClient, seen: Seen) -> None:
    """Until all are, or nothing comes any more."""
    last = -1
    while seen.answered < seen.said and seen.answered != last:
        last = seen.answered
        await asyncio.sleep(LOOK)
        await look(client, seen)


async def _somebody(client: httpx.AsyncClient, number: int) -> str:
    told = await client.post("/_simulator/people", json={"name": f"某人{number}"})
    return str(told.json()["id"])


def report(mode: str, rate: float, seen: Seen, took: list[float]) -> None:
    load = os.getloadavg()[0]
    print(f"{mode}: {seen.said} messages, {seen.answered} answered, {seen.calls} calls looked at;")
    print(f"  {len(seen.wrong)} wrong {seen.wrong[:3]}; load average {load:.1f}")
    print(f"  in the minute that counts {rate:.1f} a second or more, of {RATE}")
    print(
        f"  from question to answer: p50 {median(took):.2f} s, p99 {took[int(len(took) * 0.99)]:.2f} s"
    )


if __name__ == "__main__":
    for way in sys.argv[1:] or ("stream", "http"):
        with pair(way) as two:
            asyncio.run(measured(way, two))
