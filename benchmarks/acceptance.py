"""Callbacks taken and stored durably, against servers that do less."""

import asyncio
import statistics
import sys
from collections import defaultdict

from benchmarks.load import Load, drive
from benchmarks.processes import cpu_seconds, free_port, running

KINDS = ("bare", "litestar", "door", "durable")
REPEATS = 3
SECONDS = 2.5
CONNECTIONS = 64


def measure() -> None:
    """A, B, C, D, A, B, ...: each repeated, medians printed, everything relative to the bare function."""
    rates: dict[str, list[float]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    for repeat in range(REPEATS):
        for kind in KINDS:
            load, cost = once(kind, f"{kind}{repeat}")
            rates[kind].append(load.rate)
            costs[kind].append(cost)
    print("acceptance, one process on one core, 64 connections, as fast as it goes")
    print(f"  {'':10}{'requests/s':>12}{'CPU us each':>13}{'rate / bare':>13}{'CPU / bare':>12}")
    for kind in KINDS:
        rate, cost = statistics.median(rates[kind]), statistics.median(costs[kind])
        base, base_cost = statistics.median(rates["bare"]), statistics.median(costs["bare"])
        print(f"  {kind:10}{rate:12.0f}{cost:13.0f}{rate / base:13.2f}{cost / base_cost:12.1f}")
    for kind in ("bare", "durable"):
        loads = [once(kind, f"steady-{kind}{n}", rate=500)[0] for n in range(REPEATS)]
        p50 = statistics.median(load.percentile(0.5) for load in loads) * 1000
        p99 = statistics.median(load.percentile(0.99) for load in loads) * 1000
        print(f"  {kind} at a steady 500/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def once(kind: str, run: str, *, rate: float | None = None) -> tuple[Load, float]:
    """One run: the load, and microseconds of the server's CPU for each request."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.servers", kind, str(port)]
    with running(command, port, cpu=0, env={"PYTHONPATH": "src"}) as pid:
        asyncio.run(drive(port, run=f"warm-{run}", connections=8, seconds=0.5))
        before = cpu_seconds(pid)
        load = asyncio.run(
            drive(port, run=run, connections=CONNECTIONS, seconds=SECONDS, rate=rate)
        )
        cost = (cpu_seconds(pid) - before) / max(1, len(load.latencies)) * 1e6
    if load.refused:
        raise SystemExit(f"{kind} refused {load.refused} requests: nothing was measured")
    return load, cost
