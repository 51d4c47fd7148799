"""Every metric of the service, declared once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from adapters.metrics.labels import FewLabels
from domain.model_availability import ModelWarning

PREFIX = "chatgpt_dingtalk"

STORING = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds. DingTalk waits for about two."""

THINKING = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds to the first piece of an answer."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """The metrics in one registry. Labels hold no words of people, no identities and no secrets."""

    registry: CollectorRegistry
    received: Counter = field(init=False)
    requests_refused: Counter = field(init=False)
    callback_errors: Counter = field(init=False)
    storing: Histogram = field(init=False)
    decided: Counter = field(init=False)
    refused_by_quota: Counter = field(init=False)
    delivered: Counter = field(init=False)
    first_piece: Histogram = field(init=False)
    model_failures: Counter = field(init=False)
    breaker_state: Gauge = field(init=False)
    last_failure: Gauge = field(init=False)
    model_warnings: Gauge = field(init=False)
    tokens: Counter = field(init=False)
    open_messages: Gauge = field(init=False)
    oldest: Gauge = field(init=False)
    warned: set[tuple[str, str, str]] = field(init=False, default_factory=set)
    codes: FewLabels = field(init=False, default_factory=FewLabels)
    reasons: FewLabels = field(init=False, default_factory=FewLabels)

    def __post_init__(self) -> None:
        for name, made in {
            "received": self._counter(
                "messages_received", "Callbacks and frames by what became of them", "acceptance"
            ),
            "requests_refused": self._counter(
                "requests_refused",
                "Requests and frames refused or failed, by event of the log",
                "event",
            ),
            "callback_errors": self._counter(
                "callback_errors",
                "Callbacks by which DingTalk reports an error, by its code",
                "code",
            ),
            "storing": self._histogram(
                "acceptance_seconds", "From a checked message to its commit", STORING
            ),
            "decided": self._counter(
                "messages_decided", "Messages by what was decided", "state", "reason"
            ),
            "refused_by_quota": self._counter(
                "quota_refusals", "Questions beyond the daily limit of a person"
            ),
            "delivered": self._counter(
                "deliveries",
                "Parts of replies by what DingTalk said; code is its errcode or word",
                "result",
                "code",
            ),
            "first_piece": self._histogram(
                "first_piece_seconds",
                "From a call of a model to the first piece of its answer",
                THINKING,
                "provider",
            ),
            "model_failures": self._counter(
                "model_failures", "Tries at a model that failed", "provider", "kind"
            ),
            "breaker_state": self._gauge(
                "provider_breaker",
                "Whether a provider is asked: 0 closed, 1 half-open (being probed), 2 open (cooling down)",
                "provider",
                "use",
            ),
            "last_failure": self._gauge(
                "provider_last_failure_timestamp_seconds",
                "When a provider last failed for good, by the kind of failure",
                "provider",
                "use",
                "kind",
            ),
            "model_warnings": self._gauge(
                "model_warnings",
                "1 for a configured model that its provider does not offer, or shuts down",
                "provider",
                "purpose",
                "problem",
            ),
            "tokens": self._counter(
                "model_tokens", "Tokens as providers tell them", "provider", "direction"
            ),
            "open_messages": self._gauge("inbox_open_messages", "Messages not finished yet"),
            "oldest": self._gauge(
                "inbox_oldest_seconds", "Age of the oldest message that is not finished"
            ),
        }.items():
            object.__setattr__(self, name, made)

    def count_refusal(self, event: str) -> None:
        """Count what is logged now and then only."""
        self.requests_refused.labels(event).inc()

    def show_model_warnings(self, warnings: Sequence[ModelWarning]) -> None:
        """Those that are not among them any more fall to 0."""
        found = {
            (one.model.provider, one.model.purpose.value, one.problem.value) for one in warnings
        }
        for labels in self.warned | found:
            self.model_warnings.labels(*labels).set(labels in found)
        self.warned.update(found)

    def count_callback_error(self, code: str) -> None:
        self.callback_errors.labels(self.codes(code)).inc()

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", told, labels, registry=self.registry)

    def _histogram(
        self, name: str, told: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", told, labels, registry=self.registry, buckets=buckets)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        # Of several processes the last one to look, or to learn something new, is right.
        return Gauge(
            f"{PREFIX}_{name}",
            told,
            labels,
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
