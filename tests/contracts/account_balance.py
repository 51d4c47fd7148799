"""What every `AccountBalance` promises."""

import asyncio
from decimal import Decimal

import pytest

from application.errors import ModelFailure
from application.ports import AccountBalance
from domain.spending import Balance

TOLD = Balance(
    provider="main",
    granted=Decimal("100.5"),
    used=Decimal("25.25"),
    left=Decimal("75.25"),
    currency="USD",
)


@pytest.mark.anyio
class AccountBalanceContract:
    """The fixtures are accounts at providers that tell TOLD, tell nothing, and cannot be reached."""

    @pytest.fixture
    def telling(self) -> AccountBalance:
        raise NotImplementedError

    @pytest.fixture
    def silent(self) -> AccountBalance:
        raise NotImplementedError

    @pytest.fixture
    def unreachable(self) -> AccountBalance:
        raise NotImplementedError

    async def test_a_balance_is_told_to_the_cent_and_under_the_providers_name(
        self, telling: AccountBalance
    ) -> None:
        assert await telling.balance() == TOLD

    async def test_amounts_are_no_floats(self, telling: AccountBalance) -> None:
        told = await telling.balance()

        assert told
        assert {type(told.granted), type(told.used), type(told.left)} == {Decimal}

    async def test_a_balance_can_be_asked_for_again_and_by_many_at_once(
        self, telling: AccountBalance
    ) -> None:
        together = await asyncio.gather(*(telling.balance() for _ in range(5)))

        assert together == [TOLD] * 5
        assert await telling.balance() == TOLD

    async def test_a_provider_that_does_not_tell_is_no_failure(
        self, silent: AccountBalance
    ) -> None:
        assert await silent.balance() is None

    async def test_a_provider_that_cannot_be_asked_is_a_failure(
        self, unreachable: AccountBalance
    ) -> None:
        with pytest.raises(ModelFailure):
            await unreachable.balance()
