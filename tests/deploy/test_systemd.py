"""The unit is one that systemd takes, and that leaves the service little to do harm with."""

import re
from pathlib import Path

import pytest

from tests.deploy.tools import DEPLOY, ran

UNIT = DEPLOY / "systemd" / "chatgpt-dingtalk.service"
WORST = 1.5
"""Exposure as `systemd-analyze security` rates it, from 0 to 10."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    path = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), encoding="utf-8"
    )
    return path


def test_systemd_takes_every_line(unit: Path) -> None:
    done = ran("systemd-analyze", "verify", unit)

    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_rated_as_well_shut(unit: Path) -> None:
    done = ran("systemd-analyze", "security", "--offline=true", "--no-pager", unit)

    rating = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert rating is not None, done.stdout
    assert float(rating[1]) <= WORST
