"""The stand-in for DingTalk as a process of its own, as tests of the whole service use it."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.fakes.dingtalk_server import OLD_TOKEN, SESSION


@pytest.fixture
def url() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.fakes.dingtalk_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def test_it_tells_all_that_it_received(url: str) -> None:
    body = {"msgtype": "markdown", "markdown": {"title": "t", "text": "好"}}

    with httpx.Client(trust_env=False) as client:
        taken = client.post(f"{url}{SESSION}?session=s9", json=body).json()
        too_large = client.post(f"{url}{SESSION}", json={"x": "y" * 20_000}).json()
        no_json = client.post(f"{url}{SESSION}", content=b"x").json()
        token = client.get(f"{url}{OLD_TOKEN}").json()
        received = client.get(f"{url}/received").json()["received"]

    assert [taken["errcode"], too_large["errcode"], no_json["errcode"]] == [0, 460101, 43004]
    assert token["access_token"] == "token-0"
    assert received[0]["path"] == SESSION
    assert received[0]["query"] == {"session": "s9"}
    assert received[0]["body"] == body
    assert received[0]["text"] == "好"
    assert len(received) == 4
