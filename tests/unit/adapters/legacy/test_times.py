"""Moments as Go's drivers wrote them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.legacy.times import moment_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENT = datetime(2023, 4, 5, 0, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2023-04-05 08:00:00.123456789+08:00",
        "2023-04-05T08:00:00.123456+08:00",
        "2023-04-05T00:00:00.123456Z",
        "2023-04-05 00:00:00.123456",
        "2023-04-05 08:00:00.123456789 +0800 CST",
        "2023-04-05 08:00:00.123456789 +0800 +08 m=+12.5",
        "2023-04-04 19:00:00,123456 -0500 EST m=-0.001",
        " 2023-04-05 08:00:00.123456+0800 ",
    ],
)
def test_every_way_of_writing_is_read(written: str) -> None:
    zone = UTC if written == "2023-04-05 00:00:00.123456" else SHANGHAI

    assert moment_in(written, zone) == MOMENT


def test_without_a_zone_the_operator_s_is_meant() -> None:
    assert moment_in("2023-04-05 08:00:00", SHANGHAI) == datetime(2023, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("number", [1680652800, 1680652800000, 1680652800.0])
def test_a_number_counts_seconds_or_milliseconds(number: float) -> None:
    assert moment_in(number, UTC) == datetime(2023, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "yesterday",
        b"2023",
        "0001-01-01 00:00:00+00:00",
        "2023-02-30 00:00:00",
        "9999-12-31 23:59:59-12:00",
        "2023-04-05 08:00:00+99:99",
        0,
        10**30,
        float("nan"),
        float("inf"),
        "2023-04-05 08:00:00; DROP",
    ],
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert moment_in(written, SHANGHAI) is None


@given(st.datetimes(datetime(1972, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive
def test_what_go_writes_is_what_was_meant(moment: datetime) -> None:
    assert moment_in(moment.isoformat(" "), SHANGHAI) == moment


@given(st.text("0123456789-: +TZ.m=", max_size=30))
def test_nothing_breaks_the_reading(text: str) -> None:
    moment = moment_in(text, SHANGHAI)

    assert moment is None or moment.tzinfo is UTC
