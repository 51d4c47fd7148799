"""What every `ModelList` promises."""

import asyncio
from datetime import date

import pytest

from application.errors import ModelFailure
from application.ports import ModelList
from domain.model_availability import ListedModel

LISTED = (
    ListedModel(name="model-a"),
    ListedModel(name="model-b", shutdown=date(2027, 1, 14)),
    ListedModel(name="model-c", is_deprecated=True),
)


@pytest.mark.anyio
class ModelListContract:
    """The fixtures are lists of providers that tell LISTED, tell none, and cannot be reached."""

    @pytest.fixture
    def telling(self) -> ModelList:
        raise NotImplementedError

    @pytest.fixture
    def silent(self) -> ModelList:
        raise NotImplementedError

    @pytest.fixture
    def unreachable(self) -> ModelList:
        raise NotImplementedError

    async def test_every_model_is_listed_once_with_what_is_announced(
        self, telling: ModelList
    ) -> None:
        assert await telling.listed() == LISTED

    async def test_it_can_be_asked_again_and_by_many_at_once(self, telling: ModelList) -> None:
        together = await asyncio.gather(*(telling.listed() for _ in range(3)))

        assert together == [LISTED] * 3

    async def test_a_provider_without_a_list_is_no_failure(self, silent: ModelList) -> None:
        assert await silent.listed() is None

    async def test_a_provider_that_cannot_be_asked_is_a_failure(
        self, unreachable: ModelList
    ) -> None:
        with pytest.raises(ModelFailure):
            await unreachable.listed()
