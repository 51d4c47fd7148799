"""Nameplates: by them the processes of one machine see which others are connected as the same robot.

A nameplate is a socket that nobody talks to. Its name is abstract, so that the kernel lists it for everybody
and takes it down when its process dies, however that ends.
"""

import hashlib
import logging
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

logger = logging.getLogger(__name__)

LISTING = Path("/proc/net/unix")
PREFIX = "chatgpt-dingtalk"
DIGITS = 24


class Neighbours(Protocol):
    """What a process knows of the others on its machine."""

    def arrive(self, client_id: str) -> None:
        """Be seen as this robot."""
        ...

    def leave(self, client_id: str) -> None:
        """Be seen as this robot no more."""
        ...

    def strangers(self, client_id: str) -> tuple[int, ...]:
        """The processes that are connected as this robot and keep what they hear in another database."""
        ...


class Alone:
    """Sees nobody."""

    def arrive(self, client_id: str) -> None: ...

    def leave(self, client_id: str) -> None: ...

    def strangers(self, _client_id: str) -> tuple[int, ...]:
        return ()


@dataclass(slots=True, kw_only=True)
class Nameplates:
    """`dingtalk` is the address of DingTalk, since ids count there alone; `storage` tells databases apart.

    Where the system has no such sockets, or another container holds the other process, nobody is seen.
    """

    dingtalk: str
    storage: str
    listing: Path = LISTING
    _own: dict[str, socket.socket] = field(default_factory=dict, init=False)

    def arrive(self, client_id: str) -> None:
        if client_id in self._own:
            return
        plate = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"{self._robot(client_id)}/{_short(self.storage)}/{os.getpid()}"
        try:
            plate.bind(f"\0{name}")
        except OSError as error:
            logger.debug("nameplate_not_put_up", extra={"fact": str(error.strerror)})
            plate.close()
            return
        self._own[client_id] = plate

    def leave(self, client_id: str) -> None:
        if (plate := self._own.pop(client_id, None)) is not None:
            plate.close()

    def strangers(self, client_id: str) -> tuple[int, ...]:
        robot, ours, found = self._robot(client_id), _short(self.storage), set[int]()
        for name in self._names():
            place, _, process = name.rpartition("/")
            owner, _, storage = place.rpartition("/")
            if owner == robot and storage != ours and process.isdecimal():
                found.add(int(process))
        return tuple(sorted(found))

    def _names(self) -> list[str]:
        """All abstract names of this machine, as the kernel lists them: the last column, behind an `@`."""
        try:
            lines = self.listing.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        return [line.rpartition(" @")[2] for line in lines if f" @{PREFIX}/" in line]

    def _robot(self, client_id: str) -> str:
        return f"{PREFIX}/{_short(f'{self.dingtalk} {client_id}')}"


def _short(text: str) -> str:
    """It is told to the whole machine: nothing can be read from it, and it has one length."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
