"""A provider of a model: its circuit breaker, its places, and what the log says about its failures."""

import asyncio
import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from application.errors import ModelFailure, ModelUnavailable
from domain.circuit_breaker import CircuitBreaker
from domain.failover import RULES, Alert, ModelIdentity

logger = logging.getLogger(__name__)

ModelT = TypeVar("ModelT")


class BreakerObserver(Protocol):
    """Is shown the first state and every change, for metrics."""

    def breaker_changed(self, provider: str, breaker: CircuitBreaker) -> None: ...


class Unobserved:
    """Satisfies `BreakerObserver`."""

    def breaker_changed(self, provider: str, breaker: CircuitBreaker) -> None:
        """Nothing is counted."""


@dataclass(slots=True, kw_only=True, eq=False)
class Provider(Generic[ModelT]):
    """A model under the operator's name for its provider.

    `concurrency` bounds the questions it has at a time. `url` is the address that is asked, for the log: no
    secrets are in it. `first_token_timeout` is set where the provider has
    a limit of its own for the first piece, which its share of a question's time does not cut down.
    """

    name: str
    model: ModelT
    concurrency: int
    model_name: str = ""
    url: str = ""
    context_length: int | None = None
    first_token_timeout: timedelta | None = None
    observer: BreakerObserver = field(default_factory=Unobserved)
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.places = asyncio.Semaphore(self.concurrency)
        self.observer.breaker_changed(self.name, self.breaker)

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(name=self.model_name, context_length=self.context_length)

    @contextmanager
    def calling(self) -> Generator[None]:
        """Around the tries of one question. A probe without a verdict leaves it to the next call."""
        probes = bool(self.breaker.failures)
        self._change(self.breaker.with_call_begun())
        try:
            yield
        finally:
            if probes:
                self._change(self.breaker.with_call_given_up())

    def note_success(self, *, began: datetime) -> None:
        self._change(self.breaker.with_success(began=began))

    def note_failed_try(self, failure: ModelFailure, attempt: int) -> None:
        """One try has failed; others may follow."""
        rule = RULES[failure.kind]
        advice = {"problem": rule.problem, "remedy": rule.remedy} if rule.alert is Alert.LOG else {}
        facts = {**self._facts_of(failure), "attempt": attempt, **advice}
        logger.warning("model_try_failed", extra=facts)

    def note_failure(self, failure: ModelFailure, now: datetime, *, began: datetime) -> None:
        """The last try of a question has failed; the first of them began then."""
        before, kind = self.breaker, failure.kind
        asked = retry_after(failure)
        self._change(before.with_failure(kind, now, began=began, retry_after=asked))
        rule = RULES[kind]
        # Those who ask the only provider in its cool-down learn nothing new.
        is_known = before.kind is kind and before.open_until is not None and now < before.open_until
        if rule.alert is Alert.READYZ and not is_known:
            until = self.breaker.open_until
            facts = {
                **self._facts_of(failure),
                "problem": rule.problem,
                "remedy": rule.remedy,
                "not_asked_until": until.isoformat() if until else "",
            }
            logger.error("provider_needs_attention", extra=facts)

    def _facts_of(self, failure: ModelFailure) -> dict[str, object]:
        return {
            "provider": self.name,
            "model": self.model_name,
            "url": self.url,
            "kind": failure.kind.value,
            "fact": str(failure),
        }

    def _change(self, breaker: CircuitBreaker) -> None:
        before, self.breaker = self.breaker, breaker
        if breaker == before:
            return
        self.observer.breaker_changed(self.name, breaker)
        if before.failures and not breaker.failures:
            logger.info(
                "provider_recovered", extra={"provider": self.name, "model": self.model_name}
            )


def retry_after(failure: ModelFailure) -> timedelta | None:
    """How long the provider asked to be left alone, where it did."""
    return failure.retry_after if isinstance(failure, ModelUnavailable) else None


def warnings_of(providers: Iterable[Provider[Any]]) -> Iterator[str]:
    """A sentence for each provider that only an operator brings back; nothing a provider said is in it."""
    for one in providers:
        breaker = one.breaker
        if breaker.kind is None or breaker.since is None:
            continue
        rule = RULES[breaker.kind]
        if rule.alert is Alert.READYZ:
            since = breaker.since.astimezone(UTC)
            model = f" ({one.model_name})" if one.model_name else ""
            yield (
                f"provider {one.name}{model}: {rule.problem} since {since:%Y-%m-%d %H:%M} UTC; "
                f"{rule.remedy}"
            )
