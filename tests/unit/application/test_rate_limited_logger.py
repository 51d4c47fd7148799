"""Strangers cannot fill the log, and what is left out is counted."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.rate_limited_logger import (
    MOST_EVENTS,
    PAUSE,
    RateLimit,
    RateLimitedLogger,
    RateLimitFilter,
)

LOGGER = logging.getLogger("strangers")


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limited(time: Time, counted: list[str] | None = None) -> RateLimitedLogger:
    count = [] if counted is None else counted
    return RateLimitedLogger(LOGGER, RateLimit(monotonic=time), count.append)


def test_an_event_is_written_at_once_and_then_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    time = Time()
    logger = limited(time)

    for time.now in (0, 1, 9, 10, 11, 20):
        logger.warning("callback_refused", reason="why")

    assert [vars(one)["suppressed"] for one in caplog.records] == [0, 2, 1]
    assert {vars(one)["reason"] for one in caplog.records} == {"why"}


def test_each_event_has_a_pause_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logger = limited(Time())

    for _ in range(3):
        logger.info("one")
        logger.warning("another")

    assert [(one.msg, one.levelname) for one in caplog.records] == [
        ("one", "INFO"),
        ("another", "WARNING"),
    ]


def test_an_error_tells_where_it_came_from(caplog: pytest.LogCaptureFixture) -> None:
    logger = limited(Time())

    logger.error("broke", exc_info=ValueError("x"))
    logger.error("failed")
    try:
        raise KeyError  # noqa: TRY301 - what is handled here is what is tested
    except KeyError:
        logger.exception("caught")

    kinds = [one.exc_info[0] if one.exc_info else None for one in caplog.records]
    assert kinds == [ValueError, None, KeyError]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30))))
def test_lines_and_counts_agree(steps: list[tuple[str, int]]) -> None:
    """What was written and what each line says was left out is everything, but for the newest."""
    time, counted = Time(), list[str]()
    limit = RateLimit(monotonic=time)
    told = {"a": 0, "b": 0}
    last: dict[str, float] = {}
    for event, wait in steps:
        time.now += wait
        counted.append(event)
        suppressed = limit.admit(event)
        if suppressed is not None:
            told[event] += 1 + suppressed
            assert time.now - last.get(event, float("-inf")) >= PAUSE.total_seconds()
            last[event] = time.now
    time.now += PAUSE.total_seconds()
    for event in "ab":
        told[event] += limit.admit(event) or 0
        assert told[event] == counted.count(event)


def test_everything_is_counted_whether_it_is_written_or_not() -> None:
    counted = list[str]()
    logger = limited(Time(), counted)

    for _ in range(3):
        logger.warning("callback_refused")

    assert counted == ["callback_refused"] * 3
    RateLimitedLogger(LOGGER).warning("counted by nobody")


def test_names_without_end_cost_neither_memory_nor_lines() -> None:
    limit = RateLimit(monotonic=Time())

    written = [limit.admit(str(number)) for number in range(10 * MOST_EVENTS)]

    assert len([one for one in written if one is not None]) == MOST_EVENTS + 1


def test_a_librarys_lines_are_limited_by_their_unfilled_text() -> None:
    limited_to = RateLimitFilter({"uvicorn"}, RateLimit(monotonic=Time()))

    def passes(name: str, text: str, *given: object) -> bool:
        record = logging.LogRecord(name, logging.WARNING, "x.py", 1, text, given, None)
        return bool(limited_to.filter(record))

    assert passes("uvicorn.error", "Invalid %s", 1)
    assert not passes("uvicorn.error", "Invalid %s", 2)
    assert passes("uvicorn.error", "Another")
    assert passes("entrypoints.service", "Invalid %s", 1)
    assert passes("entrypoints.service", "Invalid %s", 1)
    assert RateLimitFilter({"uvicorn"}).filter(logging.makeLogRecord({"name": "uvicorn.error"}))
