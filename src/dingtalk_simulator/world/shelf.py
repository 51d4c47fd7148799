"""A place for so many things and no more: the oldest make room for the newest."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Thing = TypeVar("Thing")


class Shelf(Generic[Key, Thing]):
    """Things by their keys, in the order in which they came; at most `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._things: OrderedDict[Key, Thing] = OrderedDict()

    def put(self, key: Key, thing: Thing) -> Thing:
        self._things[key] = thing
        while len(self._things) > self.most:
            self._things.popitem(last=False)
        return thing

    def get(self, key: Key) -> Thing | None:
        return self._things.get(key)

    def take(self, key: Key) -> Thing | None:
        """Remove and return it, if it is here."""
        return self._things.pop(key, None)

    def newest_first(self) -> Iterator[Thing]:
        return reversed(self._things.values())

    def keys(self) -> Iterator[Key]:
        return iter(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, key: object) -> bool:
        return key in self._things
