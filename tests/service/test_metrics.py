"""What the running service counts: of one process, and of several together."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.postgres.databases import Databases
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import RunningService, eventually
from tests.service.talk import People

TOKEN = "a-token-for-the-numbers"


def numbers(service: RunningService, **headers: str) -> dict[str, float]:
    """All samples of this service, by name and labels."""
    response = httpx.get(f"{service.url}/metrics", headers=headers, trust_env=False)
    assert response.status_code == 200
    return {
        " ".join(
            [sample.name.removeprefix("chatgpt_dingtalk_"), *sorted(sample.labels.values())]
        ): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_a_question_is_seen_on_its_whole_way(
    tmp_path: Path, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    config = config_of(model, dingtalk, max_request=1)
    with RunningService(folder=tmp_path, config=config) as service:
        person = People(service, dingtalk).named("zhang")
        person.ask("你好")
        person.ask("再问一次")

        found = numbers(service)

    assert found["messages_received_total stored"] == 2
    assert found["acceptance_seconds_count"] == 2
    assert found["messages_decided_total answered answered"] == 1
    assert found["messages_decided_total over_quota refused"] == 1
    assert found["quota_refusals_total"] == 1
    assert found["deliveries_total 0 sent"] == 2
    assert found["inbox_open_messages"] <= 1
    assert [
        value for name, value in found.items() if name.startswith("first_piece_seconds_count")
    ] == [1]
    assert found["process_resident_memory_bytes"] > 0


def test_with_a_token_nobody_else_reads_and_it_is_said_nowhere(
    tmp_path: Path, model: FakeModel, dingtalk: SimulatedDingTalk
) -> None:
    config = config_of(model, dingtalk, metrics_token=TOKEN)
    with RunningService(folder=tmp_path, config=config) as service:
        refused = httpx.get(f"{service.url}/metrics", trust_env=False)
        found = numbers(service, authorization=f"Bearer {TOKEN}")

    assert refused.status_code == 401
    assert found["inbox_open_messages"] == 0
    assert TOKEN not in service.said


@pytest.fixture
def database(postgres: Databases) -> Iterator[str]:
    with postgres.one() as url:
        yield url


def test_several_processes_count_together_whichever_is_asked(
    tmp_path: Path, model: FakeModel, dingtalk: SimulatedDingTalk, database: str
) -> None:
    config = config_of(model, dingtalk, database_url=database, workers=2)
    with RunningService(folder=tmp_path, config=config) as service:
        people = People(service, dingtalk)
        for number in range(6):
            people.named(f"user{number}").ask("你好")

        eventually(lambda: numbers(service)["deliveries_total 0 sent"] == 6)
        for _ in range(8):
            assert numbers(service)["messages_received_total stored"] == 6
