"""Ask outsiders sparingly: a few at a time, not for ever, and not twice for the same."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from application.errors import (
    LookupsBusy,
    RegistryUnavailable,
    SiteFailure,
    SiteWithoutCertificate,
)
from application.ports import Clock, SiteRecords
from domain.site import Certificate, Registration, SiteAddress

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How many are asked `at_once`, how long each may take, and how many answers are remembered.

    `waiting` is how long somebody waits until their question is put at all.
    """

    at_once: int = 8
    waiting: timedelta = timedelta(seconds=5)
    deadline: timedelta = timedelta(seconds=10)
    remembered: int = 256


REGISTRATION_AGE = timedelta(minutes=10)
CERTIFICATE_AGE = timedelta(seconds=30)
"""Short: whoever has just changed a certificate looks whether it is there."""


class SparingSiteRecords:
    """Other site records, asked only as often as needed. Failures are not remembered."""

    def __init__(self, records: SiteRecords, clock: Clock, terms: Terms = Terms()) -> None:
        self._registrations = _Desk(records.registration, clock, terms, REGISTRATION_AGE)
        self._certificates = _Desk(records.certificate, clock, terms, CERTIFICATE_AGE)

    async def registration(self, site: SiteAddress) -> Registration:
        # The port says nothing here, so it must not ask again either.
        any_port = SiteAddress(host=site.host)
        return await self._registrations.answer(any_port, RegistryUnavailable)

    async def certificate(self, site: SiteAddress) -> Certificate:
        return await self._certificates.answer(site, SiteWithoutCertificate)


class _Desk(Generic[Answer]):
    """Where one kind of question is put."""

    def __init__(
        self,
        ask: Callable[[SiteAddress], Awaitable[Answer]],
        clock: Clock,
        terms: Terms,
        age: timedelta,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._terms = terms
        self._age = age
        self._places = asyncio.Semaphore(terms.at_once)
        self._remembered: OrderedDict[SiteAddress, tuple[datetime, Answer]] = OrderedDict()

    async def answer(self, site: SiteAddress, too_late: type[SiteFailure]) -> Answer:
        if (remembered := self._memory_of(site)) is not None:
            return remembered
        async with self._place():
            try:
                async with asyncio.timeout(self._terms.deadline.total_seconds()):
                    found = await self._ask(site)
            except TimeoutError as error:
                raise too_late("deadline") from error
        self._remember(site, found)
        return found

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._terms.waiting.total_seconds()):
                await self._places.acquire()
        except TimeoutError as error:
            raise LookupsBusy("no free place") from error
        try:
            yield
        finally:
            self._places.release()

    def _memory_of(self, site: SiteAddress) -> Answer | None:
        found = self._remembered.get(site)
        if found is None or self._clock.now() - found[0] > self._age:
            return None
        return found[1]

    def _remember(self, site: SiteAddress, answer: Answer) -> None:
        self._remembered[site] = (self._clock.now(), answer)
        self._remembered.move_to_end(site)
        while len(self._remembered) > self._terms.remembered:
            self._remembered.popitem(last=False)
