"""What a test needs and this machine has not: installed where that is possible, else told."""

import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

INSTALLING = 500
"""Seconds that installing may take."""


def missing(reason: str) -> NoReturn:
    """Say why a test cannot run here: it is skipped for a person, and fails in CI."""
    print(reason)  # noqa: T201 - for who runs the tests
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def install(*packages: str) -> str:
    """Install packages of Debian; returns why they are not there, or nothing."""
    name = packages[0]
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return f"no {name}: install it (Debian: apt install {' '.join(packages)})"
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        [*apt, "update"],
        [*apt, "install", "-y", "--no-install-recommends", *packages],
    ):
        try:
            subprocess.run(  # noqa: S603 - our own words
                command, env=environment, check=True, capture_output=True, timeout=INSTALLING
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"no {name}, and it could not be installed: {error}"
    return ""
