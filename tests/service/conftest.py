"""One service for most tests, with a model and a DingTalk of its own; each finds it as it was started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.service.neighbours import FakeModel, SimulatedDingTalk, fake_model, simulated_dingtalk
from tests.service.running import Config, RunningService
from tests.service.talk import OTHER_SECRET, SECRET, People, Person

PROMPTS = """\
- title: 周报
  prefix: "请写一份周报："
  suffix: "。要简短。"
- title: 前端
  prefix: "以前端的眼光看："
- title: Linux命令
  prefix: "只回答一条命令："
"""


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_model(portal: BlockingPortal) -> Iterator[FakeModel]:
    with fake_model(portal) as opened:
        yield opened


@pytest.fixture(scope="session")
def dingtalk(portal: BlockingPortal) -> Iterator[SimulatedDingTalk]:
    with simulated_dingtalk(portal) as opened:
        yield opened


@pytest.fixture
def model(shared_model: FakeModel) -> FakeModel:
    """The model of the shared service; it remembers what this test has it asked."""
    shared_model.forget()
    return shared_model


def config_of(model: FakeModel, dingtalk: SimulatedDingTalk, **more: object) -> Config:
    """What a service needs to know of its neighbours."""
    return {
        "api_key": "sk-service-tests",
        "base_url": model.url,
        "model": "some-model",
        "image_model": "some-image-model",
        "app_secrets": [SECRET, OTHER_SECRET],
        "webhook_hosts": [dingtalk.url],
        **more,
    }


@pytest.fixture(scope="session")
def shared_service(
    tmp_path_factory: pytest.TempPathFactory, shared_model: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "prompt.yml").write_text(PROMPTS, encoding="utf-8")
    config = config_of(
        shared_model,
        dingtalk,
        admin_users=["boss"],
        vip_users=["vip"],
        sensitive_words=["机密项目", "secret plan"],
    )
    with RunningService(folder=folder, config=config) as running:
        yield running


@pytest.fixture
def service(shared_service: RunningService) -> RunningService:
    return shared_service


@pytest.fixture
def configure(service: RunningService) -> Iterator[Callable[..., None]]:
    """Change keys of the shared service's configuration until the test is over."""
    yield service.configure
    service.configure()


@pytest.fixture
def people(service: RunningService, dingtalk: SimulatedDingTalk, model: FakeModel) -> People:  # noqa: ARG001 - a model that has forgotten
    return People(service, dingtalk)


@pytest.fixture
def zhang(people: People) -> Person:
    """Somebody nobody has met before."""
    return people.stranger()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the test's own, with room beside it."""
    made = tmp_path / "here"
    made.mkdir()
    return made
