"""Two services on one PostgreSQL against one, in pairs, since machines' speeds wander: whole questions.

python -m benchmarks.replicas [pairs]
"""

import sys
from collections.abc import Callable
from statistics import median

from benchmarks.databases import SETTINGS, Cost, Setting, answering

ONE, TWO = (one for one in SETTINGS if one.is_postgres and one.workers == 1)
OFFERED = 800.0
"""A second; more than two cores can answer."""

RATIOS: dict[str, Callable[[Cost, Cost], float]] = {
    "by the clock, load and fakes counted in": lambda one, two: two.rate / one.rate,
    "by CPU: what two cores answer with two, a core with one": lambda one, two: (
        2 * one.service / (two.service + two.database)
    ),
    "busy processes of two cores, by the runs with two": lambda _, two: two.busy,
}


def pair(first: Setting, second: Setting) -> tuple[Cost, Cost]:
    """What one service costs and what two, measured in this order."""
    costs = {setting.name: answering(setting, OFFERED) for setting in (first, second)}
    return costs[ONE.name], costs[TWO.name]


def measure(count: int = 7) -> None:
    """So many pairs, the order turned round each time."""
    pairs = []
    for number in range(count):
        one, two = pair(*((ONE, TWO) if number % 2 else (TWO, ONE)))
        pairs.append((one, two))
        for name, cost in (("one", one), ("two", two)):
            facts = (
                f"{cost.rate:7.0f}/s {cost.service:6.2f} {cost.database:6.2f} {cost.around:6.2f}"
            )
            print(f"{name:4}{facts}", flush=True)
    for what, ratio in RATIOS.items():
        ratios = [ratio(one, two) for one, two in pairs]
        shown = ", ".join(f"{one:.2f}" for one in ratios)
        print(f"{what}: {shown}; median {median(ratios):.2f}")


if __name__ == "__main__":
    measure(*map(int, sys.argv[1:2]))
