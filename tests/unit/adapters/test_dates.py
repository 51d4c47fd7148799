"""A date from outside is one that can be counted with in every zone, or none."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.internet.dates import utc_or_none
from adapters.internet.rdap import moment_in
from adapters.legacy.times import moment_in as legacy_moment_in
from adapters.openai.errors import retry_after_in
from tests.strategies import NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")
ENDS = [
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:59.999999-23:59",
    "10000-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:01Z",
    "999999999999999999",
    "",
]

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


@pytest.mark.parametrize("told", ENDS)
def test_the_ends_of_the_calendar_are_no_date(told: str) -> None:
    assert moment_in(told) is None
    assert legacy_moment_in(told.replace("T", " "), SHANGHAI) is None


@given(st.datetimes(timezones=st.none() | offsets))
def test_what_is_a_date_is_one_in_utc(moment: datetime) -> None:
    found = utc_or_none(moment, SHANGHAI)

    if found is not None:
        assert found.tzinfo is UTC
        assert isinstance(found - NOON, timedelta)
        assert (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)) == found


@given(st.text(max_size=40) | st.datetimes(timezones=offsets).map(datetime.isoformat))
def test_whatever_a_registry_writes_is_a_moment_or_none(told: str) -> None:
    found = moment_in(told)

    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("told", [None, 5, date(2026, 1, 1), "soon", ["2026-01-01"]])
def test_what_is_no_date_is_none(told: object) -> None:
    assert moment_in(told) is None


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "1e400",
        "nan",
        "-1",
        "1 3 4 5",
        "9" * 5000,
    ],
)
def test_a_pause_that_nobody_can_mean_is_none_or_long(header: str) -> None:
    pause = retry_after_in(header, NOON)

    assert pause is None or pause > timedelta(days=365)


@given(st.text("0123456789 :,+-JanGMTMonFi.e", max_size=40))
def test_no_retry_after_breaks_the_reader(header: str) -> None:
    retry_after_in(header, NOON)
