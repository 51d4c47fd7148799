"""What a port may fail with. Adapters raise these, and nothing else."""

from datetime import timedelta
from typing import ClassVar

from domain.errors import RobotError
from domain.failover import FailureKind


class OutsideFailure(RobotError):  # noqa: N818 - reads as what it says
    """Something outside the service did not do its part."""


class StorageFailed(OutsideFailure):
    """Nothing was stored; the same call may be made again."""


class LeaseLost(OutsideFailure):
    """The lease has ended and somebody else may be at work: change nothing, say nothing."""


class ModelFailure(OutsideFailure):
    """No answer came. The message holds facts for the log: no words of people, no key, no address.

    What follows from each kind is in `domain.failover`.
    """

    kind: ClassVar[FailureKind]


class ModelUnavailable(ModelFailure):
    """Not reached, overloaded, or it gave up half-way: worth another try.

    `retry_after` is how long the provider asked to be left alone, where it did.
    """

    kind = FailureKind.UNAVAILABLE

    def __init__(self, fact: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(fact)
        self.retry_after = retry_after


class ModelTimedOut(ModelFailure):
    """Nothing of an answer came within the provider's time limit.

    No other try at this provider: a server that loads its model would begin that anew.
    """

    kind = FailureKind.TIMED_OUT


class ModelCutOff(ModelFailure):
    """The answer ended before it was whole; pieces of it came before. Worth another try."""

    kind = FailureKind.CUT_OFF


class ModelGaveNothing(ModelFailure):
    """It answered, and the answer was empty: worth another try."""

    kind = FailureKind.NOTHING


class ThinkingUsedUpLimit(ModelFailure):
    """The model reached the limit of the answer while it was still thinking: no other try would differ."""

    kind = FailureKind.THINKING_USED_UP_LIMIT


class OnlyThoughts(ModelFailure):
    """The answer ended as complete, and all of it was marked as thoughts: the operator has to look at it."""

    kind = FailureKind.ONLY_THOUGHTS


class ModelMisconfigured(ModelFailure):
    """Wrong key or address, no permission: the operator has to mend it; another provider may do."""

    kind = FailureKind.MISCONFIGURED


class ModelGone(ModelFailure):
    """The provider does not offer this model, or not any more: the operator has to name another."""

    kind = FailureKind.GONE


class ModelRejected(ModelFailure):
    """It does not take this very request, for whatever reason: another provider may."""

    kind = FailureKind.REJECTED


class ModelOutOfFunds(ModelFailure):
    """The account is empty: the operator has to mend it; another provider may do."""

    kind = FailureKind.OUT_OF_FUNDS


class ModelDeclined(ModelFailure):
    """A content filter of the provider stopped the question or the answer: no other try."""

    kind = FailureKind.DECLINED


class PromptTooLong(ModelFailure):
    """The prompt does not fit into this model's context; one with a larger context may take it.

    `context` is the size in tokens that the provider named, where it did.
    """

    kind = FailureKind.PROMPT_TOO_LONG

    def __init__(self, fact: str, *, context: int | None = None) -> None:
        super().__init__(fact)
        self.context = context


class UploadFailed(OutsideFailure):
    """DingTalk did not take a file. The message holds facts for the log."""


class SiteFailure(OutsideFailure):
    """Nothing could be found out about a site. The message holds facts for the log, no address."""


class NoSuchDomain(SiteFailure):
    """The registry does not know it: it is free, or written wrongly."""


class NotRegistrable(SiteFailure):
    """Nobody registers such a name: an ending like `com.cn`, a name within a network, no known ending."""


class NoRegistry(SiteFailure):
    """Under this ending nobody answers such questions."""


class RegistryUnavailable(SiteFailure):
    """The registry cannot be asked now, or answers nothing readable."""


class SiteNotFound(SiteFailure):
    """The name has no address, or nobody who would know it answers."""


class SitePrivate(SiteFailure):
    """It lives in a private network, where the robot does not look unless the operator allows it."""


class SiteWithoutCertificate(SiteFailure):
    """No certificate came from that port, for whatever reason.

    A closed port, a silent one and one that speaks something else are one kind on purpose: told apart,
    they would make a port scanner of the robot. The log may know better.
    """


class LookupsBusy(SiteFailure):
    """Too many sites are being looked up at this moment."""
