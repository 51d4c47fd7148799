"""A low limit of open files: crowds of strangers keep no callback out, and questions wait for their turn."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from entrypoints.descriptors import raise_limit
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import HOST, RunningService
from tests.service.talk import People

GET = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
LIMIT = 1024
CROWD = 1300
QUESTIONS = 300


@pytest.fixture(scope="module")
def cramped(
    tmp_path_factory: pytest.TempPathFactory, shared_model: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    folder: Path = tmp_path_factory.mktemp("cramped")
    config = config_of(shared_model, dingtalk, concurrency=5000)
    with RunningService(folder=folder, config=config, open_files=LIMIT) as running:
        yield running


def dialled(service: RunningService, opened: ExitStack) -> socket.socket:
    return opened.enter_context(socket.create_connection((HOST, service.port), timeout=10))


@pytest.mark.parametrize("first", [b"", GET], ids=["silent", "kept alive"])
def test_idle_connections_do_not_keep_callbacks_out(
    cramped: RunningService, dingtalk: SimulatedDingTalk, model: FakeModel, first: bytes
) -> None:
    raise_limit()
    person = People(cramped, dingtalk).stranger()
    with ExitStack() as opened:
        for _ in range(CROWD):
            line = dialled(cramped, opened)
            with suppress(OSError):
                line.sendall(first)

        said = [person.say(f"第{number}个问题") for number in range(10)]
        assert all("echo" in one.reply() for one in said)

    assert len(model.calls) == len(said)
    assert len(cramped.events("connections_full")) <= 3
    assert "Too many open files" not in cramped.said


def test_more_questions_than_descriptors_wait_and_are_all_answered(
    cramped: RunningService, dingtalk: SimulatedDingTalk, model: FakeModel
) -> None:
    people = [People(cramped, dingtalk).stranger() for _ in range(QUESTIONS)]

    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda person: person.say("你好"), people))
    assert [one.reply() for one in said] == ["echo 你好"] * QUESTIONS

    assert len(model.calls) == QUESTIONS
    (limited,) = cramped.events("concurrency_limited_by_descriptors")
    assert limited["concurrency"] == 5000
    assert "model_try_failed" not in cramped.said


def test_malformed_requests_write_next_to_nothing(cramped: RunningService) -> None:
    before = len(cramped.said)

    for _ in range(500):
        with ExitStack() as opened:
            line = dialled(cramped, opened)
            line.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
            with suppress(OSError):
                line.recv(1000)

    assert len(cramped.said) - before < 2000
    assert cramped.get("/livez").is_success
