"""What follows from each kind of failure of a model: a retry, another provider, a cool-down, an alert."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=10)

LONGEST_RETRY_AFTER = timedelta(seconds=30)
"""A provider that asks for more is not waited for, even where it is the only one."""
LONGEST_BESIDE_OTHERS = timedelta(seconds=3)
"""The same where another provider could be asked instead."""

Chance: TypeAlias = float
"""A random number from 0 up to 1."""


class FailureKind(Enum):
    """Why there is no answer; the values stand in the log, in metrics and in the history."""

    UNAVAILABLE = "ModelUnavailable"
    TIMED_OUT = "ModelTimedOut"
    CUT_OFF = "ModelCutOff"
    NOTHING = "ModelGaveNothing"
    THINKING_USED_UP_LIMIT = "ThinkingUsedUpLimit"
    ONLY_THOUGHTS = "OnlyThoughts"
    MISCONFIGURED = "ModelMisconfigured"
    GONE = "ModelGone"
    REJECTED = "ModelRejected"
    OUT_OF_FUNDS = "ModelOutOfFunds"
    DECLINED = "ModelDeclined"
    PROMPT_TOO_LONG = "PromptTooLong"


class NextProvider(Enum):
    """Which of the other providers may be asked after a failure."""

    ANY = "any"
    OTHER_MODEL = "another model"
    LARGER_CONTEXT = "a larger context"
    IF_CONFIGURED = "fallback_on_declined"


class Alert(Enum):
    """Where an operator learns of a failure beyond the line in the log for each failed try."""

    NONE = "none"
    LOG = "log"
    READYZ = "log and readyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """How long a provider is not asked: doubling with each failure in a row, within bounds."""

    shortest: timedelta
    longest: timedelta

    def after(self, failures: int, *, asked: timedelta | None = None) -> timedelta:
        """After so many failures in a row (1 or more); `asked` is what the provider itself asks for."""
        # The exponent is bounded too, so that a year of failures overflows nothing.
        doubled = self.shortest * (1 << min(failures - 1, 10))
        return min(max(doubled, asked or timedelta()), self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRule:
    """What follows from one kind of failure. Without a cool-down the failure is about the question."""

    retry: bool = False
    """Whether the same provider is asked again, after a pause."""
    next: NextProvider = NextProvider.ANY
    cool_down: CoolDown | None = None
    alert: Alert = Alert.NONE
    problem: str = ""
    remedy: str = ""
    """What is wrong and what the operator can do, for log and `/readyz`."""
    keeps_partial: bool = True
    """Whether the part of an answer that came before may be delivered if no provider gives a whole one."""


SHORT = CoolDown(shortest=timedelta(seconds=30), longest=timedelta(minutes=5))
LONG = CoolDown(shortest=timedelta(minutes=5), longest=timedelta(hours=1))
"""For what only an operator mends: one try in a while finds out that it is mended."""

RULES: Mapping[FailureKind, FailureRule] = MappingProxyType(
    {
        FailureKind.UNAVAILABLE: FailureRule(retry=True, cool_down=SHORT),
        FailureKind.TIMED_OUT: FailureRule(cool_down=SHORT),
        FailureKind.CUT_OFF: FailureRule(retry=True, cool_down=SHORT),
        FailureKind.NOTHING: FailureRule(retry=True),
        FailureKind.THINKING_USED_UP_LIMIT: FailureRule(
            next=NextProvider.OTHER_MODEL,
            alert=Alert.LOG,
            problem="the answer's length limit was used up by thoughts",
            remedy="raise max_answer_len, or leave it unset",
        ),
        FailureKind.ONLY_THOUGHTS: FailureRule(
            next=NextProvider.OTHER_MODEL,
            alert=Alert.LOG,
            problem="the whole answer was marked as thoughts",
            remedy=(
                "set reasoning_as_answer: true for this provider, or correct the reasoning parser "
                "of its server"
            ),
        ),
        FailureKind.MISCONFIGURED: FailureRule(
            cool_down=SHORT,
            alert=Alert.READYZ,
            problem="key, permission or address refused",
            remedy="check the key, what it may do, and the address",
        ),
        FailureKind.GONE: FailureRule(
            cool_down=LONG,
            alert=Alert.READYZ,
            problem="the model is not offered",
            remedy="configure a model that this provider offers",
        ),
        FailureKind.REJECTED: FailureRule(),
        FailureKind.OUT_OF_FUNDS: FailureRule(
            cool_down=LONG,
            alert=Alert.READYZ,
            problem="no funds",
            remedy="top up the account or raise its limit",
        ),
        FailureKind.DECLINED: FailureRule(next=NextProvider.IF_CONFIGURED, keeps_partial=False),
        FailureKind.PROMPT_TOO_LONG: FailureRule(next=NextProvider.LARGER_CONTEXT),
    }
)
"""The one table of fail-over, for chat and image models alike; `docs/failover.md` shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Which model a provider has: its name, and its context in tokens where that is known."""

    name: str
    context_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A provider that is done with for a question, and how its last try ended."""

    kind: FailureKind
    model: ModelIdentity


def may_follow(
    model: ModelIdentity, failed: Iterable[Failed], *, fallback_on_declined: bool = False
) -> bool:
    """Whether a question that failed there may be put to this model; every failure has a say."""
    return all(_may_follow(model, one, fallback_on_declined) for one in failed)


def _may_follow(model: ModelIdentity, failed: Failed, fallback_on_declined: bool) -> bool:  # noqa: FBT001 - private
    is_other_model = model.name != failed.model.name
    match RULES[failed.kind].next:
        case NextProvider.ANY:
            return True
        case NextProvider.IF_CONFIGURED:
            return fallback_on_declined
        case NextProvider.OTHER_MODEL:
            return is_other_model
    if model.context_length is None or failed.model.context_length is None:
        return is_other_model
    return model.context_length > failed.model.context_length


ANSWERED = "answered"
COOLING_DOWN = "cooling_down"
"""Not asked: it failed lately."""
NO_PLACE = "no_place"
"""Not asked: it had as many questions as it may have, for too long."""
NOT_SUITABLE = "not_suitable"
"""Not asked: after this failure it could not have done better, or is not allowed to."""


class Then(Enum):
    """What followed an attempt."""

    RETRY = "retry"
    NEXT = "next"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a provider, or why it was not asked: part of the record of a question.

    `outcome` is the value of a `FailureKind` or one of the words above; `after` is how long after the
    question's beginning it began.
    """

    provider: str
    model: str
    outcome: str
    then: Then
    after: timedelta
    took: timedelta = timedelta()

    @property
    def was_asked(self) -> bool:
        return self.outcome not in {COOLING_DOWN, NO_PLACE, NOT_SUITABLE}


def pause_before(attempt: int, chance: Chance) -> timedelta:
    """How long to wait before the second try (2) and later ones: growing, never in step with others."""
    ceiling = min(FIRST_PAUSE * (1 << min(max(attempt - 2, 0), 10)), LONGEST_PAUSE)
    return ceiling / 2 + ceiling / 2 * chance


def pause_after(
    kind: FailureKind,
    attempt: int,
    chance: Chance,
    *,
    retry_after: timedelta | None = None,
    has_others: bool = False,
) -> timedelta | None:
    """How long to wait before the same provider is asked again, or None if it is not to be.

    `has_others`: another provider could be asked at once.
    """
    asked = retry_after or timedelta()
    longest = LONGEST_BESIDE_OTHERS if has_others else LONGEST_RETRY_AFTER
    if not RULES[kind].retry or asked > longest:
        return None
    return max(asked, pause_before(attempt + 1, chance))


def worth_recording(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The attempts, unless the first of them was answered, which says nothing that the answer does not."""
    return () if [one.outcome for one in attempts] == [ANSWERED] else tuple(attempts)
