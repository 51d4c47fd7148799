"""The processes that a process has started."""

from pathlib import Path


def children_of(pid: int) -> set[int]:
    """Those that live, or have ended and were not asked about since."""
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
