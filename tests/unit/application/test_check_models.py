"""All providers are compared with their lists; a list that cannot be had warns of nothing."""

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from application.check_models import CheckModels, ListedProvider
from application.errors import ModelMisconfigured
from domain.model_availability import (
    Availability,
    ConfiguredModel,
    ListedModel,
    ModelPurpose,
    ModelWarning,
)
from tests.fakes.clock import ManualClock
from tests.fakes.model_lists import ScriptedModelList

pytestmark = pytest.mark.anyio

CHAT, IMAGES = ModelPurpose.CHAT, ModelPurpose.IMAGES
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
A_LIST = (ListedModel(name="a"),)


def check(*providers: ListedProvider, timeout: timedelta = timedelta(seconds=5)) -> CheckModels:
    return CheckModels(providers=providers, clock=ManualClock(NOW), timeout=timeout)


def configured(source: ScriptedModelList, *models: str, provider: str = "main") -> ListedProvider:
    named = tuple(
        ConfiguredModel(provider=provider, purpose=purpose, name=name)
        for purpose, name in zip((CHAT, IMAGES), models, strict=False)
    )
    return ListedProvider(name=provider, models=named, source=source)


async def test_both_models_of_every_provider_are_checked() -> None:
    report = await check(
        configured(ScriptedModelList(A_LIST), "a", "b"),
        configured(ScriptedModelList((ListedModel(name="x"),)), "b", "x", provider="second"),
    )()

    assert [(one.model.provider, one.model.purpose, one.model.name) for one in report.warnings] == [
        ("main", IMAGES, "b"),
        ("second", CHAT, "b"),
    ]
    assert report.unread == ()


@pytest.mark.parametrize("answer", [None, ModelMisconfigured("status 401"), ()])
async def test_without_a_list_only_known_shutdowns_are_told(
    answer: tuple[ListedModel, ...] | Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    report = await check(configured(ScriptedModelList(answer), "dall-e-2", "whatever"))()

    assert report.warnings == (
        ModelWarning(
            model=ConfiguredModel(provider="main", purpose=CHAT, name="dall-e-2"),
            problem=Availability.SHUT_DOWN,
            day=date(2026, 5, 12),
        ),
    )
    assert report.unread == (("main",) if isinstance(answer, Exception) else ())
    assert not caplog.records


async def test_a_list_that_does_not_come_is_given_up() -> None:
    hanging = ScriptedModelList(A_LIST, may_answer=asyncio.Event())
    hanging.may_answer.clear()

    report = await check(
        configured(hanging, "b"),
        configured(ScriptedModelList(A_LIST), "b", provider="second"),
        timeout=timedelta(milliseconds=20),
    )()

    assert [one.model.provider for one in report.warnings] == ["second"]
    assert report.unread == ("main",)


async def test_what_was_found_stands_while_the_list_cannot_be_read() -> None:
    source = ScriptedModelList(A_LIST)
    checking = check(
        configured(source, "b"), configured(ScriptedModelList(A_LIST), "c", provider="second")
    )
    first = await checking()

    source.answer = ModelMisconfigured("status 401")
    second = await checking(first)
    source.answer = (ListedModel(name="b"),)
    third = await checking(second)

    assert second.warnings == first.warnings
    assert [one.model.provider for one in third.warnings] == ["second"]
