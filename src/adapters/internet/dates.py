"""Dates that registries tell, as moments that can be counted with."""

from datetime import UTC, datetime, tzinfo


def utc_or_none(said: object, zone: tzinfo) -> datetime | None:
    """The moment in UTC, by `zone` where it names none; None for no date, and for one beyond the calendar."""
    if not isinstance(said, datetime):
        return None
    try:
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
