"""Two providers: the second is asked when the first fails."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from tests.fakes.model_server import answer, error, said, stream
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk, fake_model
from tests.service.running import RunningService
from tests.service.talk import People


@pytest.fixture(scope="module")
def backup(portal: BlockingPortal) -> Iterator[FakeModel]:
    with fake_model(portal) as opened:
        yield opened


def both_of(main: FakeModel, backup: FakeModel, dingtalk: SimulatedDingTalk) -> dict[str, object]:
    config = config_of(main, dingtalk, api_key="")
    config["providers"] = [
        {"name": name, "kind": "openai", "api_key": key, "base_url": model.url, "model": name}
        for name, key, model in (("main", "sk-m1", main), ("backup", "sk-b2", backup))
    ]
    return config


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
    shared_model: FakeModel,
    backup: FakeModel,
    dingtalk: SimulatedDingTalk,
) -> Iterator[RunningService]:
    config = both_of(shared_model, backup, dingtalk)
    with RunningService(folder=tmp_path_factory.mktemp("both"), config=config) as running:
        yield running


def test_the_second_provider_answers_in_the_place_of_the_first_which_then_rests(
    both: RunningService, model: FakeModel, backup: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    zhang = People(both, dingtalk).stranger()
    model.will(stream(said("半句")), then=error(401, "invalid_api_key"))
    backup.will(then=answer("后备的回答"))

    assert zhang.ask("一") == "后备的回答"
    asked = len(model.calls)
    assert zhang.ask("二") == "后备的回答"

    assert asked == 2
    assert len(model.calls) == asked
    assert backup.questions == ["一", "二"]
    assert backup.calls[0].headers["authorization"] == "Bearer sk-b2"
    assert both.rows("SELECT DISTINCT provider FROM exchanges") == [("backup",)]


def test_where_both_fail_one_sentence_says_so(
    both: RunningService, model: FakeModel, backup: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    zhang = People(both, dingtalk).stranger()
    model.will(then=error(403))
    backup.will(then=error(403))

    said_by_zhang = zhang.say("一")

    assert "联系管理员" in said_by_zhang.reply()
    assert len(said_by_zhang.tries()) == 1


def test_a_provider_without_funds_is_recorded_and_told_to_the_operator(
    tmp_path: Path, model: FakeModel, backup: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    prose = "account 4711 of somebody: please recharge"
    with RunningService(folder=tmp_path, config=both_of(model, backup, dingtalk)) as service:
        zhang = People(service, dingtalk).stranger()
        model.will(then=error(429, "insufficient_quota", message=prose))
        backup.will(then=answer("后备的回答"))

        assert zhang.ask("一") == "后备的回答"
        assert zhang.ask("二") == "后备的回答"
        warnings = service.readiness()["warnings"]
        metrics = service.get("/metrics").text
        ((first,), (second,)) = service.rows("SELECT attempts FROM exchanges ORDER BY id")
        alerts = service.events("provider_needs_attention")

    assert len(model.calls) == 1
    assert isinstance(warnings, list)
    (warning,) = warnings
    assert warning.startswith("provider main (main): no funds since ")
    assert 'provider_breaker{provider="main",use="chat"} 2.0' in metrics
    assert 'provider_breaker{provider="backup",use="chat"} 0.0' in metrics
    assert 'timestamp_seconds{kind="ModelOutOfFunds",provider="main",use="chat"}' in metrics
    assert [alert["provider"] for alert in alerts] == ["main"]
    assert outcomes_in(first) == [("main", "ModelOutOfFunds"), ("backup", "answered")]
    assert outcomes_in(second) == [("main", "cooling_down"), ("backup", "answered")]
    assert prose not in f"{warning}{metrics}{service.said}"


def outcomes_in(attempts: object) -> list[tuple[str, str]]:
    return [(one["provider"], one["outcome"]) for one in json.loads(str(attempts))]


def test_a_prompt_that_is_too_long_goes_to_the_same_model_with_a_larger_context(
    tmp_path: Path, model: FakeModel, backup: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    config = both_of(model, backup, dingtalk)
    config["providers"] = [
        {**one, "model": "the-same", "context_length": length}
        for one, length in zip(config["providers"], (4096, 32768), strict=True)  # type: ignore[call-overload] # a list
    ]
    with RunningService(folder=tmp_path, config=config) as service:
        model.will(then=error(400, "context_length_exceeded"))
        backup.will(then=answer("放得下"))

        assert People(service, dingtalk).stranger().ask("一") == "放得下"
