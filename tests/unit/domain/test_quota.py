"""What a day is, and what is left of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.quota import DailyQuota

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
zones = st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Pacific/Kiritimati")])
LEAP_DAY_NEARS = datetime(2024, 2, 27, tzinfo=UTC)
moments = st.integers(0, 3 * 366 * 24 * 60).map(
    lambda minutes: LEAP_DAY_NEARS + timedelta(minutes=minutes)
)


@given(zones, moments)
def test_a_moment_lies_before_the_reset_of_its_own_day(zone: ZoneInfo, moment: datetime) -> None:
    quota = DailyQuota(limit=1, zone=zone)

    reset = quota.resets_at(quota.day_of(moment))

    assert moment < reset
    assert quota.day_of(reset) == quota.day_of(moment) + timedelta(days=1)


def test_the_day_is_that_of_the_configured_zone() -> None:
    evening_in_london = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)

    assert DailyQuota(limit=1, zone=SHANGHAI).day_of(evening_in_london) == date(2026, 3, 2)
    assert DailyQuota(limit=1, zone=NEW_YORK).day_of(evening_in_london) == date(2026, 3, 1)


def test_the_repeated_hour_of_a_clock_change_is_one_day() -> None:
    quota = DailyQuota(limit=1, zone=NEW_YORK)
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

    assert quota.day_of(first) == quota.day_of(first + timedelta(hours=1)) == date(2026, 11, 1)


@given(st.integers(1, 20), st.integers(0, 40))
def test_what_is_left_is_never_below_zero(limit: int, used: int) -> None:
    left = DailyQuota(limit=limit, zone=SHANGHAI).left_after(used)

    assert left == (limit - used if used <= limit else 0)


def test_nothing_is_counted_down_where_nothing_limits() -> None:
    assert DailyQuota(limit=None, zone=SHANGHAI).left_after(99) is None


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_one_or_more(limit: int) -> None:
    with pytest.raises(InvalidValue):
        DailyQuota(limit=limit, zone=SHANGHAI)
