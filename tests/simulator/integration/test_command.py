"""The command `chatgpt-dingtalk simulate`: its output and its errors."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from entrypoints.cli.simulate import simulate

PROGRAM = "from entrypoints.cli.simulate import simulate; simulate()"
SRC = Path(__file__).parents[3] / "src"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--target", "nowhere"],
        ["--target", "ftp://127.0.0.1/"],
        ["--origin", "http://"],
        ["--target", "http://[::1/"],
        ["--port", "x"],
        ["--port", "99999"],
    ],
)
def test_a_wrong_option_exits_with_two(arguments: list[str]) -> None:
    ended = CliRunner().invoke(simulate, arguments)

    assert ended.exit_code == 2


def test_an_address_of_another_machine_exits_with_one() -> None:
    ended = CliRunner().invoke(simulate, ["--host", "192.0.2.1"])

    assert ended.exit_code == 1


def test_it_prints_its_address_serves_and_stops_at_once() -> None:
    arguments = [sys.executable, "-c", PROGRAM, "--port", "0", "--secret", "not-to-be-shown"]
    with subprocess.Popen(arguments, cwd=SRC, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own program
        assert running.stdout is not None
        first = running.stdout.readline()
        address = first.split()[-1]
        state = httpx.get(f"{address}_simulator/state", trust_env=False, timeout=10)
        running.send_signal(signal.SIGTERM)
        rest = running.stdout.read()

    assert "模拟器" in first
    assert state.json()["robots"][0]["client_id"] == "dingsimulated0001"
    assert "not-to-be-shown" not in first + rest
    assert running.returncode == 0
