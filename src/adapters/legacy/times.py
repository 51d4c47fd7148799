"""Moments as Go's SQLite drivers wrote them into text."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d+))?"
    r"\s*(?P<offset>Z|[+-]\d\d:?\d\d)?"
    # What Go's Time.String adds: the zone's name and the reading of the monotonic clock.
    r"(?: [A-Za-z]+| [+-]\d{2,4})?(?: m=[+-][\d.]+)?"
)

FIRST_YEAR = 1971
"""Go writes the year 1 where there is no time; nothing was said to the predecessor before this one."""

LAST_YEAR = 9998
"""In the one after it not every zone has a name for every moment."""

MILLISECONDS_FROM = 10**11
"""A number this large counts milliseconds; as seconds it would be in the year 5138."""


def moment_in(value: object, zone: tzinfo) -> datetime | None:
    """The moment, in the zone if it names none itself; None if it cannot be read or is none."""
    try:
        moment = _of_number(value) if isinstance(value, int | float) else _of_text(value, zone)
        utc = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError, OSError):
        return None
    return utc if utc and FIRST_YEAR <= utc.year <= LAST_YEAR else None


def _of_number(value: float) -> datetime:
    seconds = value / 1000 if value >= MILLISECONDS_FROM else value
    return datetime.fromtimestamp(seconds, UTC)


def _of_text(value: object, zone: tzinfo) -> datetime | None:
    parts = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if parts is None:
        return None
    fraction = (parts["fraction"] or "")[:6].ljust(6, "0")
    local = datetime.fromisoformat(f"{parts['day']}T{parts['time']}.{fraction}")
    return local.replace(tzinfo=_zone_of(parts["offset"]) if parts["offset"] else zone)


def _zone_of(offset: str) -> tzinfo:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if offset[0] == "-" else length)
