"""Whole questions: accepted, asked of a fake model, filtered, stored, replied to a fake webhook."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.load import SECRET, drive
from benchmarks.processes import cpu_seconds, free_port, resident_megabytes, running

SECONDS = 8
CHUNKS = 100
RATE = 120.0
"""Questions a second: most of what one core answers, so that it neither idles nor piles up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU of the service for one answered question, and the service's size."""

    milliseconds: float
    answered: int
    megabytes: float


@contextmanager
def service(*, stream: bool) -> Iterator[tuple[int, int, int]]:
    """The service on one core and its fakes on the other: its process id, its port, the webhook's port."""
    model, webhook, port = free_port(), free_port(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    (folder / "config.yml").write_text(
        f"""
port: {port}
host: 127.0.0.1
app_secrets: ["{SECRET}"]
webhook_hosts: ["http://127.0.0.1:{webhook}"]
sensitive_words: [机密, 绝密]
log_level: warning
providers:
  - name: fake
    kind: openai
    api_key: sk-bench-0001
    model: some-model
    base_url: http://127.0.0.1:{model}
    stream: {str(stream).lower()}
""",
        encoding="utf-8",
    )
    root = Path(__file__).parents[1]
    fake = [sys.executable, "-m"]
    with ExitStack() as stack:
        chunks = ["--port", str(model), "--chunks", str(CHUNKS)]
        stack.enter_context(
            running([*fake, "tests.fakes.model_server", *chunks], model, cpu=1, cwd=root)
        )
        hook = ["--port", str(webhook)]
        stack.enter_context(running([*fake, "benchmarks.webhook", *hook], webhook, cpu=1, cwd=root))
        program = [str(Path(sys.executable).with_name("chatgpt-dingtalk")), "serve"]
        pid = stack.enter_context(running(program, port, cpu=0, cwd=folder))
        yield pid, port, webhook


def received(webhook: int) -> int:
    return int(httpx.get(f"http://127.0.0.1:{webhook}/", trust_env=False, timeout=30).text)


def cost_of(*, stream: bool) -> Cost:
    with service(stream=stream) as (pid, port, webhook):
        address = f"http://127.0.0.1:{webhook}/robot/sendBySession"
        asyncio.run(drive(port, run="warm", connections=4, seconds=3, rate=20, webhook=address))
        settle(webhook)
        before, replies = cpu_seconds(pid), received(webhook)
        asyncio.run(
            drive(port, run="run", connections=16, seconds=SECONDS, rate=RATE, webhook=address)
        )
        settle(webhook)
        answered = received(webhook) - replies
        spent = cpu_seconds(pid) - before
        return Cost(
            milliseconds=spent / answered * 1000,
            answered=answered,
            megabytes=resident_megabytes(pid),
        )


def settle(webhook: int) -> None:
    """Wait until no more replies come."""
    last = -1
    while (now := received(webhook)) != last:
        last = now
        time.sleep(1)


def idle() -> tuple[float, float]:
    """Seconds from the start of the process to its first 200, and megabytes while it has nothing to do."""
    began = time.perf_counter()
    with service(stream=True) as (pid, port, _):
        ready = time.perf_counter()
        httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).raise_for_status()
        time.sleep(2)
        return ready - began, resident_megabytes(pid)


def plain_sdk(*, stream: bool) -> float:
    """Milliseconds of CPU for one answer by the SDK alone: no signature, no database, no reply."""
    port, root = free_port(), Path(__file__).parents[1]
    fake = [
        sys.executable,
        "-m",
        "tests.fakes.model_server",
        "--port",
        str(port),
        "--chunks",
        str(CHUNKS),
    ]
    with running(fake, port, cpu=1, cwd=root):
        words = ["stream" if stream else "whole"]
        command = ["taskset", "-c", "0", sys.executable, "-m", "benchmarks.plain_sdk"]
        done = subprocess.run(  # noqa: S603 - our own module
            [*command, f"http://127.0.0.1:{port}/v1", *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
        )
    return float(done.stdout)


def measure() -> None:
    started, resident = idle()
    print(f"start to the first 200: {started:.1f} s; resident while idle: {resident:.0f} MB")
    print(f"whole questions, {RATE:.0f} a second, CPU of the whole service for each")
    print("  against the SDK alone, which asks the same model and does nothing else")
    for stream, name in ((False, "not streamed"), (True, f"{CHUNKS}-chunk stream")):
        sdk, cost = plain_sdk(stream=stream), cost_of(stream=stream)
        ratio = cost.milliseconds / sdk
        print(f"  {name}: {cost.milliseconds:.1f} ms; SDK {sdk:.1f} ms; ratio {ratio:.2f}", end="")
        print(f" ({cost.answered} answered, {cost.megabytes:.0f} MB resident)")
