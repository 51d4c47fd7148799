"""What every `Messenger` promises, told by what arrives on the other side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.ports import Messenger
from domain.message import (
    Content,
    ContentKind,
    GroupId,
    IncomingMessage,
    RobotId,
    Room,
    RoomKind,
    Sender,
    StaffId,
    Webhook,
)
from domain.reply import Busy, SendResult, Sent, Undeliverable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

QUESTION = IncomingMessage(
    robot=RobotId("robot"),
    id="msg1",
    sender=Sender(staff_id=StaffId("manager1"), sender_id="$:x", nick="张三"),
    room=Room(kind=RoomKind.PRIVATE, id=GroupId("cid1")),
    content=Content(kind=ContentKind.TEXT, text="?"),
    webhook=Webhook(url="", expires_at=NOW + timedelta(hours=1)),
    received_at=NOW,
    authentic=True,
)
IN_GROUP = replace(QUESTION, room=Room(kind=RoomKind.GROUP, id=GroupId("cid2")))


@pytest.mark.anyio
class MessengerContract:
    """An heir makes the messenger, tells what arrived, and lets the other side fail."""

    @pytest.fixture
    def messenger(self) -> Messenger:
        raise NotImplementedError

    def question(self) -> IncomingMessage:
        """A message that can be answered."""
        return QUESTION

    def arrived(self) -> Sequence[str]:
        """The texts that the other side took, in their order."""
        raise NotImplementedError

    def next_send_is(self, result: SendResult) -> None:
        raise NotImplementedError

    async def test_every_text_has_a_part_with_a_title_and_a_text(
        self, messenger: Messenger
    ) -> None:
        for text in ("", " \n", "好", "# a\n\nb", "x" * 30_000):
            parts = messenger.parts_of(text, self.question())

            assert parts
            assert all(part.title.strip() and part.text.strip() for part in parts)

    async def test_the_same_text_has_the_same_parts(self, messenger: Messenger) -> None:
        text = "一句话。" * 5000

        assert messenger.parts_of(text, IN_GROUP) == messenger.parts_of(text, IN_GROUP)

    async def test_a_long_text_has_several_parts_that_hold_all_of_it(
        self, messenger: Messenger
    ) -> None:
        parts = messenger.parts_of("字" * 9000, self.question())

        assert len(parts) > 1
        assert sum(part.text.count("字") for part in parts) == 9000

    async def test_the_asker_is_called_once_in_a_group(self, messenger: Messenger) -> None:
        parts = messenger.parts_of("字" * 9000, IN_GROUP)

        assert ["@manager1" in part.text for part in parts] == [False] * (len(parts) - 1) + [True]

    async def test_nobody_is_called_in_a_private_chat(self, messenger: Messenger) -> None:
        (part,) = messenger.parts_of("好", QUESTION)

        assert "manager1" not in part.text

    async def test_parts_arrive_in_the_order_of_sending(self, messenger: Messenger) -> None:
        question = self.question()
        for text in ("一", "二", "三"):
            (part,) = messenger.parts_of(text, question)
            assert await messenger.send(part, question, key=text) == Sent()

        assert list(self.arrived()) == ["一", "二", "三"]

    @pytest.mark.parametrize("kind", [Busy, Undeliverable])
    async def test_a_part_that_was_not_taken_can_be_sent_again(
        self, messenger: Messenger, kind: type[Busy | Undeliverable]
    ) -> None:
        question = self.question()
        (part,) = messenger.parts_of("好", question)
        self.next_send_is(kind(reason="said so"))

        first = await messenger.send(part, question, key="k")
        second = await messenger.send(part, question, key="k")

        assert isinstance(first, kind)
        assert second == Sent()
        assert list(self.arrived()) == ["好"]
