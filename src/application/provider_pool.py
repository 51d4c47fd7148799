"""Ask the first provider that answers: tries, pauses, and who is asked next."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)
from application.ports import ChatModel, Clock, Finish, ModelOutput, Reset, Thought
from domain.circuit_breaker import Chance, Standing, patience, pause_before
from domain.conversation import Prompt

logger = logging.getLogger(__name__)

MOST_TRIES = 3
LONGEST_RETRY_AFTER = timedelta(seconds=30)
"""A provider that asks for more is left alone, and the next one is asked."""

TIME_IS_UP = "the question's time is up"


@dataclass(frozen=True, slots=True)
class Restart:
    """The answer begins anew: drop the pieces that came before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer is complete; nothing comes after this."""

    provider: str
    finish: Finish


AnswerItem: TypeAlias = str | Thought | Reset | Restart | Answered


@dataclass(slots=True, kw_only=True, eq=False)
class Provider:
    """A model under the operator's name for it. `concurrency` bounds the questions it has at a time."""

    name: str
    model: ChatModel
    concurrency: int
    standing: Standing = field(default_factory=Standing)
    places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.places = asyncio.Semaphore(self.concurrency)


@dataclass(slots=True, kw_only=True)
class Failover:
    """A prompt on its way through the providers."""

    prompt: Prompt
    deadline: datetime
    untried: list[Provider]
    has_pieces_out: bool = False
    failure: ModelFailure | None = None


class NextProvider(Exception):  # noqa: N818 - a way on, not an error
    """This provider is done with for this question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModels:
    """Iterate within `aclosing`, so that giving up ends the call.

    Raises:
        ModelFailure: the question or the answer was declined, or no provider answered within `time_limit`
            (then it is the failure of the last one that was asked).
    """

    providers: Sequence[Provider]
    clock: Clock
    time_limit: timedelta
    chance: Callable[[], Chance] = random.random

    async def __call__(self, prompt: Prompt) -> AsyncGenerator[AnswerItem]:
        deadline = self.clock.now() + self.time_limit
        failover = Failover(prompt=prompt, deadline=deadline, untried=list(self.providers))
        while provider := self._next_for(failover):
            failover.untried.remove(provider)
            try:
                async with aclosing(self._ask(provider, failover)) as items:
                    async for item in items:
                        yield item
            except NextProvider:
                continue
            return
        raise failover.failure or ModelUnavailable("no provider had a place in time")

    def _next_for(self, failover: Failover) -> Provider | None:
        """The first that may be asked, with a free place if there is one.

        Where all of them rest, the one whose rest ends first.
        """
        now = self.clock.now()
        if now >= failover.deadline:
            return None
        admitted = [one for one in failover.untried if one.standing.admits(now)]
        if admitted:
            return next((one for one in admitted if not one.places.locked()), admitted[0])
        if len(failover.untried) == len(self.providers):
            return min(failover.untried, key=lambda one: one.standing.rests_until or now)
        return None

    async def _ask(self, provider: Provider, failover: Failover) -> AsyncGenerator[AnswerItem]:
        async with self._place_at(provider, failover):
            self._check_again(provider, failover)
            begun_good = provider.standing.is_good or len(self.providers) == 1
            tries = MOST_TRIES if begun_good else 1
            with _call_at(provider):
                async with aclosing(self._try(provider, failover, tries)) as items:
                    async for item in items:
                        yield item

    @asynccontextmanager
    async def _place_at(self, provider: Provider, failover: Failover) -> AsyncGenerator[None]:
        others = [other.standing for other in failover.untried]
        limit = patience(self.clock.now(), failover.deadline, others=others)
        try:
            async with asyncio.timeout(limit.total_seconds()):
                await provider.places.acquire()
        except TimeoutError:
            raise NextProvider from None
        try:
            yield
        finally:
            provider.places.release()

    def _check_again(self, provider: Provider, failover: Failover) -> None:
        """Those who waited for a place need not find out one by one that the provider has failed."""
        now = self.clock.now()
        others_may = any(other.standing.admits(now) for other in failover.untried)
        if others_may and not provider.standing.admits(now):
            raise NextProvider

    async def _try(
        self, provider: Provider, failover: Failover, tries: int
    ) -> AsyncGenerator[AnswerItem]:
        first_began = self.clock.now()
        until = first_began + (failover.deadline - first_began) / (1 + len(failover.untried))
        attempt = 0
        while True:
            attempt += 1
            if failover.has_pieces_out:
                failover.has_pieces_out = False
                yield Restart()
            try:
                async with aclosing(self._answer(provider, failover)) as items:
                    async for item in items:
                        yield item
            except ModelFailure as failure:
                self._note(failure, provider, attempt)
                failover.failure = failure
                if isinstance(failure, ModelDeclined | PromptTooLong):
                    provider.standing = provider.standing.with_success(began=first_began)
                    raise
                pause = self._pause_after(failure, attempt, until) if attempt < tries else None
                if pause is None:
                    self._let_rest(provider, failure, first_began)
                    raise NextProvider from failure
                await self.clock.sleep(pause)
            else:
                return

    async def _answer(self, provider: Provider, failover: Failover) -> AsyncGenerator[AnswerItem]:
        """One try."""
        began = self.clock.now()
        left = (failover.deadline - began).total_seconds()
        if left <= 0:
            raise ModelUnavailable(TIME_IS_UP)
        until = asyncio.get_running_loop().time() + left
        async with aclosing(provider.model.answer(failover.prompt)) as items:
            while True:
                item = await _next_of(items, until)
                if isinstance(item, Finish):
                    provider.standing = provider.standing.with_success(began=began)
                    yield Answered(provider=provider.name, finish=item)
                    return
                failover.has_pieces_out = True
                yield item

    def _pause_after(
        self, failure: ModelFailure, attempt: int, until: datetime
    ) -> timedelta | None:
        """How long to wait for another try at the same provider, or None if it makes no sense.

        `until`: then the provider's share of the time is over, and the next one is asked.
        """
        if not isinstance(failure, ModelUnavailable | ModelCutOff | ModelGaveNothing):
            return None
        asked = _retry_after(failure) or timedelta()
        pause = max(asked, pause_before(attempt + 1, self.chance()))
        in_time = self.clock.now() + pause < until
        return pause if in_time and asked <= LONGEST_RETRY_AFTER else None

    def _let_rest(self, provider: Provider, failure: ModelFailure, began: datetime) -> None:
        # These are about the question; who asks such questions must not send others elsewhere.
        if not isinstance(failure, ModelGaveNothing | ModelRejected):
            provider.standing = provider.standing.with_failure(
                self.clock.now(), began=began, asked_rest=_retry_after(failure)
            )

    def _note(self, failure: ModelFailure, provider: Provider, attempt: int) -> None:
        facts = {
            "provider": provider.name,
            "kind": type(failure).__name__,
            "fact": str(failure),
            "attempt": attempt,
        }
        logger.warning("model_try_failed", extra=facts)


@contextmanager
def _call_at(provider: Provider) -> Generator[None]:
    """A probe that ends without a verdict on the provider leaves it to the next call."""
    probes = not provider.standing.is_good
    provider.standing = provider.standing.with_call_begun()
    try:
        yield
    finally:
        if probes:
            provider.standing = provider.standing.with_call_given_up()


async def _next_of(items: AsyncGenerator[ModelOutput], until: float) -> ModelOutput:
    try:
        async with asyncio.timeout_at(until):
            return await anext(items)
    except TimeoutError as error:
        raise ModelUnavailable(TIME_IS_UP) from error


def _retry_after(failure: ModelFailure) -> timedelta | None:
    return failure.retry_after if isinstance(failure, ModelUnavailable) else None
