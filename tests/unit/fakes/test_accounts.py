"""The scripted account and the spending in memory keep the promises of the real ones."""

from dataclasses import dataclass, field

import pytest

from application.errors import ModelUnavailable
from domain.history import Exchange
from tests.contracts.account_balance import TOLD, AccountBalanceContract
from tests.contracts.spending import SpendingContract
from tests.fakes.accounts import InMemorySpending, ScriptedAccount


class TestScriptedAccount(AccountBalanceContract):
    @pytest.fixture
    def telling(self) -> ScriptedAccount:
        return ScriptedAccount([TOLD])

    @pytest.fixture
    def silent(self) -> ScriptedAccount:
        return ScriptedAccount([None])

    @pytest.fixture
    def unreachable(self) -> ScriptedAccount:
        return ScriptedAccount([ModelUnavailable("refused")])


@dataclass
class BookInMemory:
    spending: InMemorySpending = field(default_factory=InMemorySpending)

    async def note(self, exchange: Exchange) -> None:
        self.spending.note(exchange)


class TestInMemorySpending(SpendingContract):
    @pytest.fixture
    def book(self) -> BookInMemory:
        return BookInMemory()
