"""Moments and spans as whole milliseconds, which is how the tables hold them."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def millis(moment: datetime) -> int:
    """Whole milliseconds since 1970, what is smaller cut off."""
    return (moment - EPOCH) // MILLISECOND


def moment_of(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND


def moment_or_none(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else moment_of(milliseconds)


def millis_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else millis(moment)


def span(duration: timedelta) -> int:
    """A duration in whole milliseconds."""
    return duration // MILLISECOND
