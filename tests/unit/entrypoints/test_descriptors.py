"""How descriptors are shared out: no use takes those of another, whatever the limit."""

import logging
import resource
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.descriptors import FEWEST, OWN, shares_of, within_descriptors
from entrypoints.settings import load
from entrypoints.settings.schema import Settings

SRC = Path(__file__).parents[3] / "src"


def settings(concurrency: int) -> Settings:
    loaded = load(environment={"PROVIDERS": "[{name: demo, kind: demo}]"}).settings
    return msgspec.structs.replace(loaded, concurrency=concurrency)


@given(st.integers(256, 2_000_000), st.integers(0, 64))
def test_all_uses_together_stay_below_the_limit(limit: int, database: int) -> None:
    shares = shares_of(limit, database=database)

    together = OWN + database + shares.connections + shares.backlog + shares.outgoing
    assert together < limit
    assert min(shares.connections, shares.backlog, shares.outgoing) >= FEWEST


@given(st.integers(0, 256))
def test_a_limit_that_is_too_low_for_anything_still_leaves_a_little(limit: int) -> None:
    shares = shares_of(limit)

    assert min(shares.connections, shares.backlog, shares.outgoing) >= FEWEST


def test_questions_beyond_the_connections_for_them_wait(caplog: pytest.LogCaptureFixture) -> None:
    shares = shares_of(1024)

    limited = within_descriptors(settings(5000), shares)

    assert 64 <= 2 * limited.concurrency <= shares.outgoing
    (record,) = caplog.records
    assert (record.msg, vars(record)["possible"]) == (
        "concurrency_limited_by_descriptors",
        limited.concurrency,
    )


def test_what_has_room_stays_as_it_was_configured(caplog: pytest.LogCaptureFixture) -> None:
    chosen = settings(64)

    assert within_descriptors(chosen, shares_of(1024)) is chosen
    assert within_descriptors(settings(5000), shares_of(1_048_576)).concurrency == 5000
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


@pytest.mark.parametrize(("soft", "hard"), [(256, 1024), (1024, 1024)])
def test_the_soft_limit_is_raised_to_the_hard_one(soft: int, hard: int) -> None:
    program = "from entrypoints.descriptors import raise_limit; print(raise_limit())"

    run = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", program],
        cwd=SRC,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
    )

    assert int(run.stdout) == hard
