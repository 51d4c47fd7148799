"""What `make` does beside the program: where it installs from, and how it serves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.running import environment

ROOT = Path(__file__).parents[2]
FAKE_UV = """\
#!/bin/sh
echo "$UV_DEFAULT_INDEX|$UV_FIND_LINKS" >> asked
"""
FAKE_PROGRAM = """\
#!/bin/sh
echo "$@"
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder that is set up but for its libraries, with doubles of what would be installed."""
    for name in ("Makefile", "pyproject.toml", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "src").mkdir()
    (tmp_path / "migrations").mkdir()
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    python = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
    doubles = {"uv": FAKE_UV, "chatgpt-dingtalk": FAKE_PROGRAM, "python": python}
    for name, text in doubles.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / ".venv" / ".bootstrap").touch()
    return tmp_path


def make(target: str, house: Path, **variables: str) -> str:
    program = shutil.which("make")
    assert program is not None
    done = subprocess.run(  # noqa: S603 - our own Makefile
        [program, "--silent", target],
        cwd=house,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(house: Path) -> str:
    return (house / "asked").read_text(encoding="utf-8").splitlines()[0]


def test_a_mirror_of_pips_configuration_is_uvs_too_and_is_not_printed(house: Path) -> None:
    (house / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\n"
        "find-links = https://one.example\n  https://two.example\n",
        encoding="utf-8",
    )

    printed = make("setup", house, PIP_CONFIG_FILE=str(house / "pip.conf"))

    assert asked(house) == "https://mirror.example/simple|https://one.example,https://two.example"
    assert "example" not in printed


def test_a_mirror_of_the_environment_comes_before(house: Path) -> None:
    make("setup", house, PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="https://pip.example")

    assert asked(house) == "https://pip.example|"


def test_what_is_set_for_uv_itself_stays(house: Path) -> None:
    make("setup", house, PIP_INDEX_URL="https://pip.example", UV_DEFAULT_INDEX="https://uv.example")

    assert asked(house).startswith("https://uv.example|")


def test_it_serves_the_configuration_if_there_is_one_and_else_a_trial(house: Path) -> None:
    trial = make("run", house)
    named = make("run", house, CONFIG_FILE="elsewhere.yml")
    (house / "config.yml").touch()
    found = make("run", house)

    assert [trial, named, found] == ["serve --trial\n", "serve\n", "serve\n"]
