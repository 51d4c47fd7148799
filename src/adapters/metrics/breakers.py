"""Circuit breakers of providers, counted."""

from dataclasses import dataclass

from adapters.metrics.instruments import Instruments
from domain.circuit_breaker import BreakerState, CircuitBreaker

STATES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerMetrics:
    """Satisfies `BreakerObserver`. `use` is chat or images: the breakers are not the same."""

    instruments: Instruments
    use: str

    def breaker_changed(self, provider: str, breaker: CircuitBreaker) -> None:
        state = self.instruments.breaker_state.labels(provider, self.use)
        state.set(STATES[breaker.state])
        if breaker.kind is not None and breaker.failed_at is not None:
            kind = breaker.kind.value
            last = self.instruments.last_failure.labels(provider, self.use, kind)
            last.set(breaker.failed_at.timestamp())
