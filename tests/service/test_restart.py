"""The service ends, in one way or another, and nothing is lost; the tests are the lives of one service."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.fakes.model_server import silence
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, Gate, SimulatedDingTalk, errcode
from tests.service.running import PATIENCE, RunningService, eventually
from tests.service.talk import People, Person, Said, some_group

LONGEST_END = 10.0
"""Seconds that Docker gives."""


@pytest.fixture(scope="module")
def mortal(
    tmp_path_factory: pytest.TempPathFactory, shared_model: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    config = config_of(shared_model, dingtalk, max_request=5, concurrency=4)
    with RunningService(folder=tmp_path_factory.mktemp("mortal"), config=config) as running:
        yield running


def test_modes_contexts_charges_and_replies_that_wait_survive_a_restart(
    mortal: RunningService, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    people = People(mortal, dingtalk)
    zhang, li = people.stranger(), people.stranger()
    zhang.ask("串聊")
    answered = zhang.say("我叫小明")
    answered.reply()
    dingtalk.will(errcode(300001))
    lost = li.say("送不到")
    eventually(lambda: "waiting" in str(mortal.rows("SELECT delivery FROM messages")))
    pseudonym = model.calls[0].body["user"]

    mortal.restart()

    assert zhang.post(answered.body).status_code == 200
    zhang.ask("我叫什么")
    assert [message["content"] for message in model.heard[-1]] == [
        "我叫小明",
        "echo 我叫小明",
        "我叫什么",
    ]
    assert model.calls[-1].body["user"] == pseudonym
    assert "已提问 **2** 次" in zhang.ask("用量")
    assert len(answered.tries()) == 1
    assert li.say("帮助").parts(2)[0].text() == "echo 送不到"
    assert len(lost.tries()) == 1
    assert model.questions == ["我叫小明", "送不到", "我叫什么"]


def test_stopped_under_load_it_ends_in_time_and_loses_nothing_that_it_acknowledged(
    mortal: RunningService, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    hanging = Gate("卡住了")
    model.will(then=hanging.behave)
    people = People(mortal, dingtalk)
    rooms = [people.stranger().within(some_group()) for _ in range(20)]
    acknowledged = [room.say(f"第{number}问") for number, room in enumerate(rooms)]
    acknowledged += [room.say("卡住了") for room in rooms[:2]]
    begun = time.monotonic()

    with ThreadPoolExecutor(4) as crowd:
        going_on = [crowd.submit(say_if_heard, rooms[n % 20], f"关门前{n}") for n in range(40)]
        status = mortal.stop()
    took = time.monotonic() - begun
    acknowledged += [said for one in going_on if (said := one.result())]
    model.will()
    mortal.start()

    assert status == 0
    assert took < LONGEST_END
    eventually(lambda: all(one.tries() for one in acknowledged))
    assert [one.body["text"] for one in acknowledged] == [
        {"content": one.reply().removeprefix("echo ").split("\n")[0]} for one in acknowledged
    ]
    assert [len(one.tries()) for one in acknowledged] == [1] * len(acknowledged)


def say_if_heard(person: Person, text: str) -> Said | None:
    """What was acknowledged; nothing if the door was shut."""
    try:
        return person.say(text)
    except (httpx.HTTPError, AssertionError):
        return None


def test_a_killed_service_answers_what_it_had_acknowledged_and_charges_once(
    mortal: RunningService, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    people = People(mortal, dingtalk)
    zhang, li = people.stranger(), people.stranger().within(some_group())
    model.will(silence(), silence())
    begun, also_begun = zhang.say("问到一半"), li.say("也问到一半")
    waiting = zhang.say("还没问")
    eventually(lambda: len(model.calls) == 2)
    model.will()

    mortal.kill()
    mortal.start()

    assert begun.reply() == "echo 问到一半"
    assert also_begun.reply().startswith("echo 也问到一半")
    assert waiting.reply() == "echo 还没问"
    assert "已提问 **2** 次" in zhang.ask("用量")
    assert [len(one.tries()) for one in (begun, also_begun, waiting)] == [1, 1, 1]


def test_asked_twice_it_ends_at_once(
    mortal: RunningService, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    model.will(then=silence())
    People(mortal, dingtalk).stranger().say("卡住了")
    eventually(lambda: model.calls)
    stopping, stopped = (len(mortal.events(f"service_{end}")) for end in ("stopping", "stopped"))

    mortal.send_signal(signal.SIGTERM)
    eventually(lambda: len(mortal.events("service_stopping")) > stopping)
    mortal.send_signal(signal.SIGTERM)

    assert mortal.process.wait(PATIENCE) == 1
    assert len(mortal.events("service_stopped")) == stopped
