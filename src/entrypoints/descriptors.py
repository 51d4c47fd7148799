"""File descriptors: as many as the system allows, shared out so that no use takes those of another."""

import contextlib
import logging
import resource
from dataclasses import dataclass

import msgspec

from entrypoints.settings import Settings

logger = logging.getLogger(__name__)

MOST_DESCRIPTORS = 1_048_576
"""More are of no use, and where there is no limit at all a number has to be named."""

OWN = 96
"""The program's own: the database's files and readers, logs, watched folders, event loop, name look-ups."""

IDLE_OF_PROVIDER = 20
"""Connections to a provider that are kept open between questions; Azure has two such pools."""

LARGEST_BACKLOG = 2048
MOST_CONNECTIONS = 10_000
FEWEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptorShares:
    """How the descriptors of one process are shared out.

    `connections`: of clients at once. `backlog`: those that may be accepted in one go, before any is closed.
    `outgoing`: to model services and DingTalk.
    """

    connections: int
    backlog: int
    outgoing: int


def raise_limit() -> int:
    """Raise the soft limit of this process to the hard one; returns the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    # macOS names a hard limit that it does not grant.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def shares_of(limit: int, *, database: int = 0) -> DescriptorShares:
    """What each use may take of `limit`, of which the database has so many; an eighth stays unused."""
    rest = max(limit - OWN - database, 8 * FEWEST)
    return DescriptorShares(
        connections=min(3 * rest // 8, MOST_CONNECTIONS),
        backlog=min(rest // 8, LARGEST_BACKLOG),
        outgoing=3 * rest // 8,
    )


def within_descriptors(settings: Settings, shares: DescriptorShares) -> Settings:
    """The settings with no more questions at once than can have their connections; the others wait.

    A question that is worked on has one connection, to a model or to DingTalk; those to DingTalk stay open
    for a while.
    """
    idle = 2 * IDLE_OF_PROVIDER * len(settings.effective_providers)
    possible = max((shares.outgoing - idle) // 2, FEWEST)
    if settings.concurrency <= possible:
        return settings
    facts = {"concurrency": settings.concurrency, "possible": possible}
    logger.warning("concurrency_limited_by_descriptors", extra=facts)
    return msgspec.structs.replace(settings, concurrency=possible)
