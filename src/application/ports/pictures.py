"""Pictures that are kept."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from domain.picture import Picture


class Shelf(Protocol):
    async def put(self, picture: Picture) -> str:
        """Keep a picture durably; returns its name, which nobody can guess (it ends with the kind's suffix).

        Raises:
            StorageFailed: it is not kept.
        """
        ...

    async def get(self, name: str) -> Picture | None:
        """The picture of that name, as it was put; None if there is none, whatever the name says."""
        ...

    async def discard(self, name: str) -> None:
        """Remove the picture; one that is gone already is no error."""
        ...

    def put_before(self, moment: datetime) -> AsyncIterator[str]:
        """The names of pictures put before that moment, in any order; also of what a crash left of a put.

        Each can be discarded. What is put or discarded meanwhile may be among them or not.
        """
        ...
