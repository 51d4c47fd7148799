"""Two providers: the second is asked when the first fails."""

from collections.abc import Iterator

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


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
    shared_model: FakeModel,
    backup: FakeModel,
    dingtalk: SimulatedDingTalk,
) -> Iterator[RunningService]:
    config = config_of(shared_model, dingtalk, api_key="")
    config["providers"] = [
        {"name": name, "kind": "openai", "api_key": key, "base_url": model.url, "model": name}
        for name, key, model in (("main", "sk-m1", shared_model), ("backup", "sk-b2", backup))
    ]
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
