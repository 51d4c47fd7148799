"""The system calls of the service that change something: counted, and each of them a moment to kill it."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.crash.records import DATABASE

CHANGING = (
    "openat", "creat", "mkdir", "fchmod", "fchown", "write", "pwrite64", "pwritev", "ftruncate",
    "fallocate", "fsync", "fdatasync", "link", "rename", "unlink",
)  # fmt: skip
"""What may change a file or make a change last. That an `openat` only reads is not told apart."""

BESIDE = ("", "-journal", "-wal", "-shm", ".lock")
"""What belongs to an SQLite file."""

SENDING = ("sendto", "sendmsg", "write", "writev")
"""What goes to a database server, the model, DingTalk, and back to who has called; logs as well."""

FIRST_CALL = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The n-th such call of one thread, counted from its beginning."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Which calls are looked at, and for which files if not for all."""

    calls: tuple[str, ...]
    files: tuple[Path, ...] = ()

    def counting(self, log: Path) -> tuple[str, ...]:
        """A tracer that writes all of them down, of every thread."""
        return ("strace", "-f", "-qqq", "-o", str(log), *self._paths(), "-e", _traced(self.calls))

    def striking(self, moment: Moment, *, threads: bool) -> tuple[str, ...]:
        """A tracer that kills the service as it enters that call.

        With `threads` whichever thread comes there first; else only the first thread counts.
        """
        # Without --seccomp-bpf: what is injected there does not arrive (strace 6.1).
        follow = ("-f",) if threads else ()
        inject = f"inject={moment.call}:signal=SIGKILL:when={moment.number}"
        traced = ("-e", inject, "-e", _traced((moment.call,)))
        return ("strace", *follow, "-qqq", "-o", "/dev/null", *self._paths(), *traced)

    def _paths(self) -> list[str]:
        return [part for file in self.files for part in ("-P", str(file))]


def writing_to(data: Path) -> Watch:
    """Whatever changes the files of a database in that folder."""
    return Watch(calls=CHANGING, files=(data, *(data / f"{DATABASE}{end}" for end in BESIDE)))


SENDS = Watch(calls=SENDING)


def moments(log: Path, *, threads: bool) -> list[Moment]:
    """Every moment of a life that was written down.

    Threads count for themselves: of two that come to the same number the earlier one is struck.
    """
    calls = FIRST_CALL.findall(log.read_text(errors="replace"))
    first = calls[0][0]
    most: Counter[str] = Counter()
    for (thread, call), count in Counter(calls).items():
        if threads or thread == first:
            most[call] = max(most[call], count)
    return [
        Moment(call=call, number=number)
        for call, count in sorted(most.items())
        for number in range(1, count + 1)
    ]


def summed_up(chosen: list[Moment]) -> dict[str, int]:
    return {call: len(list(some)) for call, some in groupby(chosen, lambda one: one.call)}


def _traced(calls: tuple[str, ...]) -> str:
    # Not every kind of processor has every call.
    return "trace=" + ",".join(f"?{call}" for call in calls)
