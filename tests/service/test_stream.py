"""Stream mode: the running service, connected to a DingTalk that fails as it is told to."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from dingtalk_simulator.entities import ReceiveMode
from tests.postgres.databases import Databases
from tests.service.company import CREDENTIALS, Company, company_in
from tests.service.conftest import PROMPTS
from tests.service.neighbours import CLIENT_ID, FakeModel, Gate
from tests.service.running import DATABASE, RunningService, eventually
from tests.service.talk import People

LONGEST_END = 10.0


@pytest.fixture(scope="module")
def opened(
    portal: BlockingPortal, shared_model: FakeModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("streaming")
    with company_in(ReceiveMode.STREAM, portal, shared_model, folder) as company:
        yield company


@pytest.fixture
def company(opened: Company, model: FakeModel) -> Iterator[Company]:  # noqa: ARG001 - a model that has forgotten
    yield opened
    opened.dingtalk.portal.call(opened.dingtalk.simulator.state.reset_switches)
    opened.service.configure()
    eventually(lambda: opened.service.readiness()["ready"])


def connections(company: Company) -> int:
    stream = company.dingtalk.simulator.stream
    assert stream is not None
    return len(stream.connections(CLIENT_ID))


def switch(company: Company, **changes: object) -> None:
    company.dingtalk.portal.call(lambda: company.dingtalk.simulator.switch(**changes))


def test_ready_says_who_is_connected(company: Company) -> None:
    told = company.service.readiness()

    assert told["ready"]
    assert f"'client_id': '{CLIENT_ID}'" in str(told["connections"])
    assert "'connected_since': '20" in str(told["connections"])


def test_nothing_is_acknowledged_before_it_is_stored(company: Company) -> None:
    with sqlite3.connect(company.service.folder / DATABASE, isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        said = company.sends("locked", "存得下吗")
        time.sleep(1)
        while_locked = company.delivery(said)
        database.execute("ROLLBACK")

    eventually(lambda: company.delivery(said) == "acknowledged")
    assert while_locked != "acknowledged"
    assert company.answers(said) == ["echo 存得下吗"]


def test_a_message_that_comes_twice_is_answered_and_charged_once(company: Company) -> None:
    switch(company, stream_sends_twice=True, stream_garbles=True)

    said = company.sends("twice", "一次就够")

    assert company.answers(said) == ["echo 一次就够"]
    switch(company, stream_sends_twice=False, stream_garbles=False)
    assert "已提问 **1** 次" in company.answers(company.sends("twice", "用量"))[0]
    assert company.replies(said) == ["echo 一次就够"]


def test_rotations_under_load_lose_and_repeat_nothing(company: Company) -> None:
    stream = company.dingtalk.simulator.stream
    assert stream is not None
    said = []

    for number in range(30):
        if number % 10 == 5:
            company.dingtalk.portal.call(stream.rotate, CLIENT_ID)
        said.append(company.sends(f"crowd{number}", f"第{number}个"))

    assert [company.answers(one) for one in said] == [[f"echo 第{n}个"] for n in range(30)]


def test_a_gateway_that_is_away_is_tried_until_it_is_back(company: Company) -> None:
    stream = company.dingtalk.simulator.stream
    assert stream is not None
    switch(company, stream_opening="unavailable")
    company.dingtalk.portal.call(stream.drop, CLIENT_ID)
    eventually(lambda: not company.service.readiness()["ready"])

    switch(company, stream_opening="works")

    eventually(lambda: company.service.readiness()["ready"])
    assert company.answers(company.sends("patient", "回来了吗")) == ["echo 回来了吗"]


def test_a_reload_opens_and_closes_connections(company: Company) -> None:
    wrong = [*CREDENTIALS, {"client_id": "ding-unknown", "client_secret": "a-secret-of-nobody"}]

    company.service.configure(credentials=wrong)

    eventually(lambda: "ding-unknown" in str(company.service.readiness()))
    assert "a-secret-of-nobody" not in company.service.said
    assert company.answers(company.sends("meanwhile", "还通吗")) == ["echo 还通吗"]


def test_callbacks_are_taken_beside(company: Company) -> None:
    zhang = People(company.service, company.dingtalk).stranger()

    assert zhang.ask("走回调") == "echo 走回调"


def test_a_kill_loses_nothing_that_was_acknowledged_and_charges_nobody_twice(
    company: Company, model: FakeModel
) -> None:
    gate = Gate(word="被打断")
    model.will(then=gate.behave)
    said = [company.sends(f"killed{number}", f"被打断{number}") for number in range(8)]
    eventually(lambda: len(model.calls) >= 4)
    eventually(lambda: all(company.delivery(one) == "acknowledged" for one in said))

    company.service.kill()
    gate.is_open = True
    company.service.start()

    assert [company.answers(one) for one in said] == [[f"echo 被打断{n}"] for n in range(8)]
    model.will()
    for number in range(8):
        told = company.answers(company.sends(f"killed{number}", "用量"))
        assert "已提问 **1** 次" in told[0]


def test_a_stop_takes_seconds_and_ends_well(company: Company) -> None:
    said = company.sends("last", "最后一个")
    company.answers(said)
    began = time.monotonic()

    assert company.service.stop() == 0

    assert time.monotonic() - began < LONGEST_END
    assert connections(company) == 0
    company.service.start()
    assert connections(company) == 1


def beside(company: Company, folder: Path, **changes: object) -> RunningService:
    """Another process for the same robot, with a folder and a database of its own."""
    folder.mkdir()
    (folder / "prompt.yml").write_text(PROMPTS, encoding="utf-8")
    config = {name: value for name, value in company.service.config.items() if name != "port"}
    return RunningService(folder=folder, config=config | changes)


def strangers_told(service: RunningService) -> list[str]:
    """The warnings of `/readyz` on others with the same client id."""
    told = service.readiness()["warnings"]
    assert isinstance(told, list)
    return [str(one) for one in told if "same client id" in str(one)]


def test_a_second_program_with_the_same_client_id_is_named_by_both_until_it_ends(
    company: Company, tmp_path: Path
) -> None:
    with beside(company, tmp_path / "other") as other:
        eventually(lambda: strangers_told(company.service) and strangers_told(other))
        (here,), (there,) = strangers_told(company.service), strangers_told(other)
        ready = company.service.readiness()["ready"]
        assert other.stop() == 0

    assert (
        f"robot {CLIENT_ID}: another program on this machine (process {other.process.pid})" in here
    )
    assert f"(process {company.service.process.pid})" in there
    assert "stop one of them, or give both the same `database_url`" in here
    assert ready
    assert [one["reason"] for one in company.service.events("stream_client_id_shared")] == [here]
    eventually(lambda: not strangers_told(company.service))


def test_processes_on_one_database_are_no_strangers_to_each_other(
    company: Company, postgres: Databases, tmp_path: Path
) -> None:
    with (
        postgres.one() as url,
        beside(company, tmp_path / "one", database_url=url) as one,
        beside(company, tmp_path / "two", database_url=url) as two,
    ):
        known = f"(process {company.service.process.pid})"
        eventually(lambda: strangers_told(one) and strangers_told(two))
        both = sorted([one.process.pid, two.process.pid])
        eventually(
            lambda: f"(process {both[0]}, {both[1]})" in str(strangers_told(company.service))
        )

        assert [known in str(strangers_told(service)) for service in (one, two)] == [True, True]
