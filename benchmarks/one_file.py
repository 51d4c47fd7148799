"""Why SQLite serves one process: two that write to one file, against one that writes for all."""

import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

SECONDS = 5.0
WAITING = 32
"""How many callbacks are under way at any moment, over all processes."""


def write(path: str, batch: int) -> tuple[int, float]:
    """Rows that one process stored in that time, `batch` to a commit; the longest wait for the lock."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    end, rows, longest = time.perf_counter() + SECONDS, 0, 0.0
    while (asked := time.perf_counter()) < end:
        connection.execute("BEGIN IMMEDIATE")
        longest = max(longest, time.perf_counter() - asked)
        connection.executemany("INSERT INTO rows (body) VALUES (?)", [("x" * 600,)] * batch)
        connection.execute("COMMIT")
        rows += batch
    connection.close()
    return rows, longest


def measured(processes: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = str(Path(folder) / "one.sqlite")
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")
        with ProcessPoolExecutor(processes) as pool:
            work = partial(write, path)
            found = list(pool.map(work, [WAITING // processes] * processes))
    return sum(rows for rows, _ in found) / SECONDS, max(longest for _, longest in found)


def measure(most: int = 4) -> None:
    base, _ = measured(1)
    for processes in range(1, most + 1):
        rate, longest = measured(processes)
        print(
            f"{processes} on one file: {rate:8.0f} rows/s, ratio {rate / base:.2f}, "
            f"longest wait for the lock {1000 * longest:.0f} ms"
        )


if __name__ == "__main__":
    measure(*map(int, sys.argv[1:2]))
