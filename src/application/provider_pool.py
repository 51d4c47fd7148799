"""Ask the providers of a model in order: tries, pauses, circuit breakers, and which provider is next."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Generic, TypeVar

from application.errors import (
    ModelCutOff,
    ModelFailure,
    ModelTimedOut,
    ModelUnavailable,
    PromptTooLong,
)
from application.ports import Clock
from application.provider import ModelT, Provider, retry_after
from domain.circuit_breaker import time_share
from domain.failover import (
    ANSWERED,
    COOLING_DOWN,
    NO_PLACE,
    NOT_SUITABLE,
    Attempt,
    Chance,
    Failed,
    ModelIdentity,
    Then,
    may_follow,
    pause_after,
)

MOST_TRIES = 3
TIME_IS_UP = "the question's time is up"

ItemT = TypeVar("ItemT")


@dataclass(slots=True, kw_only=True)
class Request(Generic[ModelT, ItemT]):
    """A question on its way through the providers."""

    call: Callable[[ModelT], AsyncGenerator[ItemT]]
    began: datetime
    deadline: datetime
    untried: list[Provider[ModelT]]
    fallback_on_declined: bool
    failed: list[Failed] = field(default_factory=list)
    failure: ModelFailure | None = None
    skipped: set[str] = field(default_factory=set)
    is_answered: bool = False

    def suitable(self) -> list[Provider[ModelT]]:
        """The providers that may still be asked, whether or not they are well."""
        return [
            one
            for one in self.untried
            if may_follow(one.identity, self.failed, fallback_on_declined=self.fallback_on_declined)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPool(Generic[ModelT]):
    """What follows from a failure is in `domain.failover`; only who is asked when is decided here."""

    providers: Sequence[Provider[ModelT]]
    clock: Clock
    time_limit: timedelta
    most_tries: int = MOST_TRIES
    chance: Callable[[], Chance] = random.random

    async def ask(
        self,
        call: Callable[[ModelT], AsyncGenerator[ItemT]],
        *,
        fallback_on_declined: bool = False,
    ) -> AsyncGenerator[ItemT | Attempt]:
        """Yield what `call` yields at the first provider that answers; iterate within `aclosing`.

        Each try that failed is followed by its `Attempt`: what came before it is void. The last item is the
        attempt that was answered. Providers that are passed over are told in attempts too.

        Raises:
            ModelFailure: that of the last provider that was asked within `time_limit`.
        """
        now = self.clock.now()
        request = Request(
            call=call,
            began=now,
            deadline=now + self.time_limit,
            untried=list(self.providers),
            fallback_on_declined=fallback_on_declined,
        )
        while provider := self._next_for(request):
            for skipped in self._skipped_before(provider, request):
                yield skipped
            request.untried.remove(provider)
            asked = self._ask(provider, request)
            async with aclosing(asked) as items:
                async for item in items:
                    yield item
            if request.is_answered:
                return
        for one in (one for one in request.untried if one not in request.suitable()):
            yield self._attempt(one, request, NOT_SUITABLE, Then.END)
        raise request.failure or ModelUnavailable("no provider had a place in time")

    def _next_for(self, request: Request[ModelT, ItemT]) -> Provider[ModelT] | None:
        """The first that may be asked, with a free place if there is one.

        Where all of them cool down, the one whose cool-down ends first.
        """
        now = self.clock.now()
        if now >= request.deadline:
            return None
        suitable = request.suitable()
        admitted = [one for one in suitable if one.breaker.admits(now)]
        if admitted:
            return next((one for one in admitted if not one.places.locked()), admitted[0])
        if len(request.untried) == len(self.providers):
            return min(suitable, key=lambda one: one.breaker.open_until or now, default=None)
        return None

    def _skipped_before(
        self, provider: Provider[ModelT], request: Request[ModelT, ItemT]
    ) -> Generator[Attempt]:
        """Those that would have been asked before this one, were they not cooling down; each once."""
        now = self.clock.now()
        for one in takewhile(lambda other: other is not provider, request.suitable()):
            if one.name not in request.skipped and not one.breaker.admits(now):
                request.skipped.add(one.name)
                yield self._attempt(one, request, COOLING_DOWN, Then.NEXT)

    async def _ask(
        self, provider: Provider[ModelT], request: Request[ModelT, ItemT]
    ) -> AsyncGenerator[ItemT | Attempt]:
        try:
            async with asyncio.timeout(self._share(request).total_seconds()):
                await provider.places.acquire()
        except TimeoutError:
            yield self._attempt(provider, request, NO_PLACE, self._then(request))
            return
        try:
            if self._has_failed_meanwhile(provider, request):
                yield self._attempt(provider, request, COOLING_DOWN, Then.NEXT)
                return
            tries = self._try(provider, request)
            with provider.calling():
                async with aclosing(tries) as items:
                    async for item in items:
                        yield item
        finally:
            provider.places.release()

    def _has_failed_meanwhile(
        self, provider: Provider[ModelT], request: Request[ModelT, ItemT]
    ) -> bool:
        """Questions that waited for a place need not find out one by one that the provider has failed."""
        now = self.clock.now()
        others_may = any(other.breaker.admits(now) for other in request.suitable())
        return others_may and not provider.breaker.admits(now)

    async def _try(
        self, provider: Provider[ModelT], request: Request[ModelT, ItemT]
    ) -> AsyncGenerator[ItemT | Attempt]:
        first_began = self.clock.now()
        until = first_began + self._share(request)
        is_trusted = not provider.breaker.failures or len(self.providers) == 1
        tries = self.most_tries if is_trusted else 1
        attempt = 0
        while True:
            attempt += 1
            began = self.clock.now()
            try:
                async with aclosing(self._answer(provider, request)) as items:
                    async for item in items:
                        yield item
            except ModelFailure as failure:
                request.failure = failure
                provider.note_failed_try(failure, attempt)
                may_retry = attempt < tries
                pause = self._pause_after(failure, attempt, until, request) if may_retry else None
                if pause is None:
                    self._give_up(failure, provider, request, first_began)
                then = self._then(request) if pause is None else Then.RETRY
                yield self._attempt(provider, request, failure.kind.value, then, began=began)
                if pause is None:
                    return
                await self.clock.sleep(pause)
            else:
                request.is_answered = True
                provider.note_success(began=began)
                yield self._attempt(provider, request, ANSWERED, Then.END, began=began)
                return

    async def _answer(
        self, provider: Provider[ModelT], request: Request[ModelT, ItemT]
    ) -> AsyncGenerator[ItemT]:
        """One try."""
        left = request.deadline - self.clock.now()
        if left <= timedelta():
            raise ModelUnavailable(TIME_IS_UP)
        own = provider.first_token_timeout or timedelta()
        first = min(left, max(self._share(request), own))
        began, has_begun = asyncio.get_running_loop().time(), False
        async with aclosing(request.call(provider.model)) as items:
            while True:
                limit = left if has_begun else first
                try:
                    async with asyncio.timeout_at(began + limit.total_seconds()):
                        item = await anext(items)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    if has_begun:
                        raise ModelCutOff(TIME_IS_UP) from error
                    raise ModelTimedOut("nothing came within the provider's time") from error
                has_begun = True
                yield item

    def _share(self, request: Request[ModelT, ItemT]) -> timedelta:
        """How much of the time that is left is for one provider, while others may be asked after it."""
        others = [other.breaker for other in request.suitable()]
        return time_share(self.clock.now(), request.deadline, others=others)

    def _pause_after(
        self,
        failure: ModelFailure,
        attempt: int,
        until: datetime,
        request: Request[ModelT, ItemT],
    ) -> timedelta | None:
        """How long to wait for another try at the same provider, or None if it makes no sense.

        `until`: then the provider's share of the time is over, and the next one is asked.
        """
        now = self.clock.now()
        pause = pause_after(
            failure.kind,
            attempt,
            self.chance(),
            retry_after=retry_after(failure),
            has_others=any(one.breaker.admits(now) for one in request.suitable()),
        )
        return pause if pause and now + pause < until else None

    def _give_up(
        self,
        failure: ModelFailure,
        provider: Provider[ModelT],
        request: Request[ModelT, ItemT],
        began: datetime,
    ) -> None:
        """The last try at a provider decides on its breaker, and on who may be asked after it."""
        provider.note_failure(failure, self.clock.now(), began=began)
        identity = provider.identity
        if isinstance(failure, PromptTooLong) and failure.context is not None:
            identity = ModelIdentity(name=identity.name, context_length=failure.context)
        request.failed.append(Failed(kind=failure.kind, model=identity))

    def _then(self, request: Request[ModelT, ItemT]) -> Then:
        return Then.NEXT if self._next_for(request) else Then.END

    def _attempt(
        self,
        provider: Provider[ModelT],
        request: Request[ModelT, ItemT],
        outcome: str,
        then: Then,
        *,
        began: datetime | None = None,
    ) -> Attempt:
        now = self.clock.now()
        return Attempt(
            provider=provider.name,
            model=provider.model_name,
            outcome=outcome,
            then=then,
            after=(began or now) - request.began,
            took=now - (began or now),
        )
