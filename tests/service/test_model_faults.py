"""What people hear when a model fails, and what they do not."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.model_server import (
    Behaviour,
    answer,
    error,
    finished,
    reset,
    said,
    silence,
    status,
    stream,
)
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, Gate, SimulatedDingTalk
from tests.service.running import RunningService, eventually
from tests.service.talk import People, Person, some_group

RAW = "internal-host-17 says: Incorrect API key provided: sk-service-tests"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(error(500, message=RAW), id="500"),
        pytest.param(status(502, "<html>bad gateway</html>"), id="a page instead of JSON"),
        pytest.param(status(200, {"choices": []}), id="no choices"),
        pytest.param(stream(said("半句"), said("话")), id="a cut stream"),
        pytest.param(reset, id="a broken connection"),
        pytest.param(answer(" \n"), id="a blank answer"),
    ],
)
def test_a_passing_fault_is_tried_again_unseen(
    zhang: Person, model: FakeModel, fault: Behaviour
) -> None:
    model.will(fault)

    assert zhang.ask("在吗") == "echo 在吗"
    assert model.questions == ["在吗", "在吗"]


def test_a_pause_that_the_provider_asked_for_is_kept(zhang: Person, model: FakeModel) -> None:
    model.will(status(429, {"error": {"message": RAW}}, "Retry-After: 1"))
    begun = time.monotonic()

    assert zhang.ask("在吗") == "echo 在吗"
    assert time.monotonic() - begun >= 1


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """A fault that stays, the words people hear of it, and how often the model is asked."""

    fault: Behaviour
    words: str
    calls: int = 1


LASTING = {
    "401": Lasting(fault=error(401, "invalid_api_key", message=RAW), words="联系管理员"),
    "404": Lasting(fault=error(404, "model_not_found", message=RAW), words="联系管理员"),
    "no money": Lasting(fault=error(429, "insufficient_quota", message=RAW), words="额度用完"),
    "filtered": Lasting(fault=error(400, "content_filter", message=RAW), words="内容审核"),
    "500": Lasting(fault=error(500, message=RAW), words="暂时没有响应", calls=3),
    "nothing": Lasting(fault=status(200, {"choices": []}), words="没有给出回答", calls=3),
    "cut before a word": Lasting(fault=stream(), words="暂时没有响应", calls=3),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_fault_is_one_clear_sentence_and_costs_nothing(
    zhang: Person, model: FakeModel, service: RunningService, name: str
) -> None:
    model.will(then=LASTING[name].fault)

    asked = zhang.say("在吗")

    assert LASTING[name].words in asked.reply()
    assert "半句" not in asked.reply()
    assert len(model.calls) == LASTING[name].calls
    assert "已提问 **0** 次" in zhang.ask("用量")
    for hidden in ("internal-host-17", "sk-service-tests", "Traceback"):
        assert hidden not in asked.reply()
        assert hidden not in service.said
    assert model.url not in asked.reply()
    assert asked.msg_id in {event["msg_id"] for event in service.events("question_failed")}


def test_what_came_of_an_answer_that_always_breaks_off_is_delivered_and_counted(
    zhang: Person, model: FakeModel, service: RunningService
) -> None:
    model.will(
        stream(said("半句")), stream(said("长一点的"), said("半句")), then=stream(said("半"))
    )

    asked = zhang.say("在吗")

    assert asked.reply().startswith("长一点的半句\n\n（回答在这里中断了")
    assert len(model.calls) == 3
    assert "已提问 **1** 次" in zhang.ask("用量")
    assert asked.msg_id in {event["msg_id"] for event in service.events("answer_cut")}


def test_a_model_that_says_nothing_is_given_up_in_time(
    folder: Path, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    model.will(then=silence())

    config = config_of(model, dingtalk, request_timeout="1s")
    with RunningService(folder=folder, config=config) as hasty:
        assert "没有在时限内开始" in People(hasty, dingtalk).stranger().ask("在吗")


def test_others_are_answered_while_a_model_hangs(zhang: Person, model: FakeModel) -> None:
    gate = Gate("卡住了")
    model.will(then=gate.behave)
    stuck = zhang.say("卡住了")
    eventually(lambda: model.calls)

    assert zhang.within(some_group()).ask("在吗").startswith("echo 在吗")
    assert stuck.tries() == []
    gate.is_open = True
    assert stuck.reply() == "echo 卡住了"


def test_a_stream_without_its_end_mark_is_a_whole_answer_if_it_says_that_it_is(
    zhang: Person, model: FakeModel
) -> None:
    model.will(stream(said("说"), said("完了"), finished()))

    assert zhang.ask("在吗") == "说完了"
