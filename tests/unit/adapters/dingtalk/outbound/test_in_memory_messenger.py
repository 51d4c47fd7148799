"""The messenger of the other tests keeps the promises of the real one."""

from collections.abc import Sequence

import pytest

from application.ports import Messenger
from domain.reply import SendResult
from tests.contracts.messenger import MessengerContract
from tests.fakes.messenger import InMemoryMessenger


class TestInMemoryMessenger(MessengerContract):
    @pytest.fixture
    def messenger(self) -> Messenger:
        self.fake = InMemoryMessenger()
        return self.fake

    def arrived(self) -> Sequence[str]:
        return self.fake.texts

    def next_send_is(self, result: SendResult) -> None:
        self.fake.will([result])
