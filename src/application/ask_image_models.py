"""Have a picture drawn by the first provider that can."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from application.errors import ModelDeclined, ModelFailure, ModelUnavailable, PromptTooLong
from application.ports import Clock, Drawing, ImageModel
from domain.circuit_breaker import Chance, Standing, pause_before

logger = logging.getLogger(__name__)

MOST_TRIES = 2
"""At one provider: a picture that comes too late may have been paid for."""

LONGEST_RETRY_AFTER = timedelta(seconds=30)
"""A provider that asks for more is left alone, and the next one is asked."""

TIME_IS_UP = "the picture's time is up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be drawn. `asker` is the person's pseudonym."""

    prompt: str
    asker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawing, and the operator's name for whom it comes from."""

    provider: str
    drawing: Drawing


@dataclass(slots=True, kw_only=True, eq=False)
class ImageProvider:
    """An image model under the operator's name for it. `concurrency` bounds the pictures at a time."""

    name: str
    model: ImageModel
    concurrency: int
    standing: Standing = field(default_factory=Standing)
    places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.places = asyncio.Semaphore(self.concurrency)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskImageModels:
    """Each provider gets an even share of what is left of the time; those that failed lately come last.

    Raises:
        ModelFailure: the wish was declined, or no provider drew within `time_limit` (then it is the
            failure of the last one that was asked).
    """

    providers: Sequence[ImageProvider]
    clock: Clock
    time_limit: timedelta
    chance: Callable[[], Chance] = random.random

    async def __call__(self, wish: Wish) -> Drawn:
        now = self.clock.now()
        deadline = now + self.time_limit
        order = sorted(self.providers, key=lambda one: not one.standing.admits(now))
        failure: ModelFailure = ModelUnavailable(TIME_IS_UP)
        for place, provider in enumerate(order):
            share = (deadline - self.clock.now()) / (len(order) - place)
            try:
                return await self._drawn_by(provider, wish, max(share, timedelta()))
            except (ModelDeclined, PromptTooLong):
                raise
            except ModelFailure as error:
                failure = error
        raise failure

    async def _drawn_by(self, provider: ImageProvider, wish: Wish, limit: timedelta) -> Drawn:
        began = self.clock.now()
        try:
            drawing = await self._in_time(provider, wish, limit)
        except ModelUnavailable as failure:
            provider.standing = provider.standing.with_failure(
                self.clock.now(), began=began, asked_rest=failure.retry_after
            )
            raise
        provider.standing = provider.standing.with_success(began=began)
        return Drawn(provider=provider.name, drawing=drawing)

    async def _in_time(self, provider: ImageProvider, wish: Wish, limit: timedelta) -> Drawing:
        try:
            async with asyncio.timeout(limit.total_seconds()), provider.places:
                return await self._tried(provider, wish)
        except TimeoutError as error:
            failure = ModelUnavailable(TIME_IS_UP)
            _note(failure, provider, attempt=0)
            raise failure from error

    async def _tried(self, provider: ImageProvider, wish: Wish) -> Drawing:
        attempt = 1
        while True:
            try:
                return await provider.model.draw(wish.prompt, asker=wish.asker)
            except ModelFailure as failure:
                _note(failure, provider, attempt)
                pause = self._pause_after(failure, attempt)
                if pause is None:
                    raise
            await self.clock.sleep(pause)
            attempt += 1

    def _pause_after(self, failure: ModelFailure, attempt: int) -> timedelta | None:
        """How long to wait for another try at the same provider, or None if it makes no sense."""
        if attempt == MOST_TRIES or not isinstance(failure, ModelUnavailable):
            return None
        asked = failure.retry_after or timedelta()
        if asked > LONGEST_RETRY_AFTER:
            return None
        return max(asked, pause_before(attempt + 1, self.chance()))


def _note(failure: ModelFailure, provider: ImageProvider, attempt: int) -> None:
    facts = {"provider": provider.name, "kind": type(failure).__name__, "fact": str(failure)}
    logger.warning("picture_try_failed", extra={**facts, "attempt": attempt})
