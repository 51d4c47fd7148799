"""The service, driven by the simulator from a question to the reply in the chat."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from dingtalk_simulator.records import Delivery
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import SimulatorSettings
from tests.service.neighbours import fake_model
from tests.service.running import HOST, RunningService, free_port

SECRET = "the-robot-s-secret"
ENOUGH = timedelta(seconds=20)


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as opened:
        yield opened


def test_a_question_is_answered_in_its_chat(portal: BlockingPortal, tmp_path: Path) -> None:
    port = free_port()
    played = SimulatorSettings(target=f"http://{HOST}:{port}/", secret=SECRET)
    folder = tmp_path / "here"
    folder.mkdir()
    with (
        fake_model(portal) as model,
        portal.wrap_async_context_manager(running_simulator(played)) as simulator,
        RunningService(
            folder=folder,
            port=port,
            config={
                "api_key": "sk-service-tests",
                "base_url": model.url,
                "model": "some-model",
                "image_model": "some-image-model",
                "credentials": [{"client_id": simulator.robot.client_id, "client_secret": SECRET}],
                "webhook_hosts": [simulator.origin],
                "dingtalk_api_url": simulator.origin,
            },
        ),
    ):
        private = portal.call(lambda: simulator.send("一加一等于几"))
        (alone,) = portal.call(lambda: simulator.replies_to(private, within=ENOUGH))
        group = portal.call(lambda: simulator.send("天气怎样", room=simulator.group.id))
        (there,) = portal.call(lambda: simulator.replies_to(group, within=ENOUGH))
        ended = portal.call(simulator.state.sessions.expire, None)

        simulator.fail("sendBySession", "errcode", errcode=300001)
        third = portal.call(lambda: simulator.send("那明天呢", room=simulator.group.id))
        (by_api,) = portal.call(lambda: simulator.replies_to(third, within=ENOUGH))

    assert private.delivery is group.delivery is Delivery.ACKNOWLEDGED
    assert "一加一等于几" in alone.text
    assert (alone.answers, alone.mentions) == (private.id, [])
    assert (there.answers, there.mentions) == (group.id, ["manager1001"])
    assert "@王小明" in there.text
    assert ended == 2
    assert by_api.via == "groupSend"
