"""What one person may ask in a day, and when that day ends."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from domain.errors import InvalidValue


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyQuota:
    """So many questions a person and local day. None is no limit."""

    limit: int | None
    zone: tzinfo

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise InvalidValue("a daily limit is 1 or more, or None for no limit")

    def day_of(self, moment: datetime) -> date:
        """The local day a question is charged to: that of its receipt, whatever the clock does later."""
        return moment.astimezone(self.zone).date()

    def resets_at(self, day: date) -> datetime:
        """The local midnight that ends `day`."""
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=self.zone)

    def left_after(self, used: int) -> int | None:
        """How many questions are left; never below zero, None where nothing limits."""
        return None if self.limit is None else max(0, self.limit - used)
