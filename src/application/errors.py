"""What a port may fail with. Adapters raise these, and nothing else."""

from datetime import timedelta

from domain.errors import RobotError


class OutsideFailure(RobotError):  # noqa: N818 - reads as what it says
    """Something outside the service did not do its part."""


class StorageFailed(OutsideFailure):
    """Nothing was stored; the same call may be made again."""


class LeaseLost(OutsideFailure):
    """The lease has ended and somebody else may be at work: change nothing, say nothing."""


class ModelFailure(OutsideFailure):
    """No answer came. The message holds facts for the log: no words of people, no key, no address."""


class ModelUnavailable(ModelFailure):
    """Not reached, overloaded, or it gave up half-way: worth another try.

    `retry_after` is how long the provider asked to be left alone, where it did.
    """

    def __init__(self, fact: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(fact)
        self.retry_after = retry_after


class ModelGaveNothing(ModelFailure):
    """It answered, and the answer was empty: worth another try."""


class ModelMisconfigured(ModelFailure):
    """Wrong key, unknown model, no permission: the operator has to mend it; another provider may do."""


class ModelRejected(ModelFailure):
    """It does not take this very request, for whatever reason: another provider may."""


class ModelOutOfFunds(ModelFailure):
    """The account is empty: the operator has to mend it; another provider may do."""


class ModelDeclined(ModelFailure):
    """A content filter of the provider stopped the question or the answer: no other try."""


class PromptTooLong(ModelFailure):
    """The model takes less text than the configuration says: no other try."""
