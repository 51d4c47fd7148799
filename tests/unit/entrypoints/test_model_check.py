"""The check in the background: who asks, what is logged once, what `/readyz` and the metrics say."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from application.check_models import CheckModels, ListedProvider
from application.errors import ModelUnavailable
from domain.model_availability import (
    ConfiguredModel,
    ListedModel,
    ModelPurpose,
    ModelWarning,
)
from entrypoints.model_check import AFTER_FAILURE, BETWEEN_CHECKS, FIRST_CHECK, ModelCheck
from tests.fakes.clock import ManualClock
from tests.fakes.model_lists import ScriptedModelList

pytestmark = pytest.mark.anyio

OFFERED, OTHERS = (ListedModel(name="gpt-x"),), (ListedModel(name="gpt-y"),)


class SteppedClock(ManualClock):
    """Sleeps until a test lets the next sleep end."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeping = asyncio.Event()
        self._may_end = asyncio.Semaphore(0)

    async def sleep(self, pause: timedelta) -> None:
        self.slept.append(pause)
        self.sleeping.set()
        await self._may_end.acquire()
        self.pass_by(pause)

    async def step(self) -> None:
        """Let a sleep end, and return when the next begins."""
        await self.sleeping.wait()
        self.sleeping.clear()
        self._may_end.release()
        await self.sleeping.wait()


class Process:
    """One process of a service with its check."""

    def __init__(
        self, source: ScriptedModelList, folder: Path | None, model: str = "gpt-x"
    ) -> None:
        self.clock = SteppedClock()
        self.counted: list[Sequence[ModelWarning]] = []
        named = ConfiguredModel(provider="main", purpose=ModelPurpose.CHAT, name=model)
        provider = ListedProvider(name="main", source=source, models=(named,))
        self.check = ModelCheck(
            check=CheckModels(providers=(provider,), clock=self.clock),
            clock=self.clock,
            folder=folder,
            count=self.counted.append,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.check.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.message for one in caplog.records]


async def test_a_warning_is_logged_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    source = ScriptedModelList(OTHERS)
    process = Process(source, None)

    async with process.running():
        await process.clock.step()
        await process.clock.step()
        assert events(caplog) == ["model_warning"]
        (sentence,) = process.check.warnings()
        assert "gpt-x" in sentence

        source.answer = OFFERED
        await process.clock.step()

    assert events(caplog) == ["model_warning", "model_warning_over"]
    assert process.check.warnings() == ()
    assert [len(one) for one in process.counted] == [1, 1, 0]
    assert process.clock.slept[:2] == [FIRST_CHECK, BETWEEN_CHECKS]


async def test_a_list_that_cannot_be_read_is_tried_again_soon_and_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    process = Process(ScriptedModelList(ModelUnavailable("away")), None)

    async with process.running():
        await process.clock.step()

    assert process.clock.slept == [FIRST_CHECK, AFTER_FAILURE]
    assert events(caplog) == []


async def test_one_process_asks_and_the_others_read_what_it_found(tmp_path: Path) -> None:
    asked = ScriptedModelList(OTHERS)
    one, two = Process(asked, tmp_path), Process(asked, tmp_path)

    async with one.running():
        await one.clock.step()
        async with two.running():
            await two.clock.step()

            assert asked.asked == 1
            assert two.check.warnings() == one.check.warnings() != ()


async def test_another_process_takes_over_from_one_that_is_gone(tmp_path: Path) -> None:
    asked = ScriptedModelList(OTHERS)
    one, two = Process(asked, tmp_path), Process(asked, tmp_path)

    async with two.running():
        async with one.running():
            await one.clock.step()
            await two.clock.step()
            assert asked.asked == 1
        await two.clock.step()

    assert asked.asked == 2


async def test_a_report_on_other_models_counts_for_nothing(tmp_path: Path) -> None:
    before = Process(ScriptedModelList(OTHERS), tmp_path)
    async with before.running():
        await before.clock.step()

    after = Process(ScriptedModelList(OFFERED), tmp_path, model="gpt-z")

    assert before.check.warnings() != ()
    assert after.check.warnings() == ()


async def test_without_a_place_for_the_lock_each_process_asks(tmp_path: Path) -> None:
    process = Process(ScriptedModelList(OTHERS), tmp_path / "nowhere")

    async with process.running():
        await process.clock.step()

    assert process.check.warnings() != ()


async def test_where_no_provider_has_a_list_nothing_runs() -> None:
    clock = ManualClock()
    counted: list[Sequence[ModelWarning]] = []
    idle = ModelCheck(
        check=CheckModels(providers=(), clock=clock), clock=clock, folder=None, count=counted.append
    )

    await idle.run()

    assert clock.slept == []
    assert counted == []
