"""Two machines, each with two processes, on one PostgreSQL: to people they are one robot."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.children import children_of
from tests.fakes.model_server import SMALL_PNG
from tests.postgres.databases import Databases
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import RunningService, eventually
from tests.service.talk import People, session_of

PUBLIC = "https://robot.example"


@pytest.fixture(scope="module")
def database(postgres: Databases) -> Iterator[str]:
    with postgres.one() as url:
        yield url


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory,
    shared_model: FakeModel,
    dingtalk: SimulatedDingTalk,
    database: str,
) -> Iterator[tuple[RunningService, RunningService]]:
    config = config_of(
        shared_model,
        dingtalk,
        database_url=database,
        workers=2,
        max_request=5,
        service_url=PUBLIC,
    )
    with ExitStack() as running:
        first, second = (
            running.enter_context(
                RunningService(folder=tmp_path_factory.mktemp(name), config=config)
            )
            for name in ("first", "second")
        )
        yield first, second


def processes_of(service: RunningService) -> set[int]:
    return children_of(service.process.pid)


def test_a_conversation_goes_on_whichever_machine_hears_it(
    machines: tuple[RunningService, RunningService], dingtalk: SimulatedDingTalk, model: FakeModel
) -> None:
    first, second = (People(one, dingtalk).named("zhang") for one in machines)

    first.ask("串聊")
    first.ask("一")
    second.ask("二")
    first.ask("三")

    said = [one["content"] for one in model.heard[-1] if one["role"] == "user"]
    assert said == ["一", "二", "三"]
    assert "**3** 次" in second.ask("用量")


def test_the_same_message_to_both_is_answered_once(
    machines: tuple[RunningService, RunningService], dingtalk: SimulatedDingTalk
) -> None:
    first, second = (People(one, dingtalk).named("li") for one in machines)
    message = first.message("只说一次")

    answers = [one.post(message) for one in (first, second, second, first)]

    assert [one.status_code for one in answers] == [200] * 4
    eventually(lambda: dingtalk.tries(session_of(message)))
    assert "**1** 次" in first.ask("用量")
    assert len(dingtalk.tries(session_of(message))) == 1


def test_a_picture_that_one_drew_is_shown_by_the_other(
    machines: tuple[RunningService, RunningService], dingtalk: SimulatedDingTalk
) -> None:
    first, second = machines
    reply = People(first, dingtalk).named("wang").ask("#图片 雪山")

    name = reply.partition(f"{PUBLIC}/images/")[2].partition(")")[0]
    assert second.get(f"/images/{name}").content == SMALL_PNG
    assert not (first.folder / "data" / "images").exists()


def test_a_process_that_dies_is_replaced_and_nothing_is_missed(
    machines: tuple[RunningService, RunningService], dingtalk: SimulatedDingTalk
) -> None:
    first, _ = machines
    before = processes_of(first)
    os.kill(min(before), signal.SIGKILL)

    eventually(lambda: len(processes_of(first) - before) == 1)

    assert People(first, dingtalk).stranger().ask("还在吗")
    assert first.events("process_died")[-1]["status"] == -signal.SIGKILL


def test_all_processes_end_with_the_one_that_started_them(
    machines: tuple[RunningService, RunningService], dingtalk: SimulatedDingTalk
) -> None:
    first, second = machines
    theirs = processes_of(first)

    first.kill()

    eventually(lambda: not any(Path(f"/proc/{one}").exists() for one in theirs), within=15)
    assert People(second, dingtalk).stranger().ask("还在吗")
    first.start()


def test_sigterm_ends_them_all_with_0(machines: tuple[RunningService, RunningService]) -> None:
    first, _ = machines
    theirs = processes_of(first)

    first.send_signal(signal.SIGHUP)
    assert first.stop() == 0

    assert len(theirs) == 2
    assert not any(Path(f"/proc/{one}").exists() for one in theirs)
    assert first.events("process_ended")
    first.start()
