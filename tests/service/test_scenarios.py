"""Every conversation in `tests/scenarios`, held in the simulator with the running service, in both modes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.records import Message
from tests.service.chat_file import lines_of
from tests.service.company import Company, company_in
from tests.service.neighbours import FakeModel

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.chat"))


@pytest.fixture(scope="module", params=[*ReceiveMode], ids=lambda mode: mode.value)
def company(
    request: pytest.FixtureRequest,
    portal: BlockingPortal,
    shared_model: FakeModel,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Company]:
    """The service as a small company might run it; its model echoes."""
    shared_model.forget()
    folder = tmp_path_factory.mktemp("company")
    with company_in(request.param, portal, shared_model, folder) as opened:
        yield opened


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_the_conversation_goes_as_it_is_written(file: Path, company: Company) -> None:
    said: Message | None = None

    for line in lines_of(file):
        if line.who:
            said = company.hears(line, chat=f"s{SCENARIOS.index(file)}")
        else:
            assert said is not None, "the robot speaks first"
            reply = company.part(line.part, said)
            assert line.fits(reply), f"{file.name}:{line.number}: the robot said: {reply}"


def test_there_are_conversations_to_play() -> None:
    assert len(SCENARIOS) >= 18
