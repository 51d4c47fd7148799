"""The programs that look at what is handed out: of `make deploy-tools`, or of the system."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.missing import install, missing

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


OF_THE_SYSTEM = {"systemd-analyze": "systemd"}
"""Packages of Debian, for what no environment has."""


def tool(name: str) -> str:
    """The path of a program; without it the test is skipped, on CI it fails."""
    reason = f"no {name}: run `make deploy-tools`"
    if _found(name) is None and name in OF_THE_SYSTEM:
        reason = install(OF_THE_SYSTEM[name])
    found = _found(name)
    if found is None:
        missing(reason)
    return found


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin")


def ran(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What the program said about what it was given."""
    return subprocess.run(  # noqa: S603 - our own words
        [tool(name), *map(str, arguments)], capture_output=True, text=True, check=False, cwd=ROOT
    )
