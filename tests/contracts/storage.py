"""The ports of one memory, as the contracts of doorstep, inbox, outcomes, ledger and history drive them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from application.ports import (
    Acceptance,
    Arrival,
    Claim,
    Doorstep,
    History,
    Inbox,
    Ledger,
    Outcome,
    Outcomes,
)
from domain.inbox import State
from domain.message import GroupId, IncomingMessage, RobotId, Room, RoomKind, Sender, StaffId
from domain.reply import ReplyPart
from tests.fakes.clock import ManualClock
from tests.strategies import message_saying

MOMENT = timedelta(seconds=1)
DAY = date(2026, 3, 1)
PARTS = (ReplyPart(title="一", text="一 🙋\n`a`"), ReplyPart(title="二", text="二"))
ANSWER = Outcome(state=State.ANSWERED, reason="answered", parts=PARTS)
UNSAID = replace(ANSWER, parts=())
"""An answer with nothing to send, so that the message is finished at once."""
SILENCE = Outcome(state=State.REFUSED, reason="sender_denied")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Ports over one memory, and the clock that it goes by."""

    doorstep: Doorstep
    inbox: Inbox
    outcomes: Outcomes
    ledger: Ledger
    history: History
    clock: ManualClock

    async def accept(self, *messages: IncomingMessage) -> None:
        """Store new messages, a moment apart."""
        for message in messages:
            arrival = Arrival(message=message, signed_at=None)
            assert await self.doorstep.accept(arrival) is Acceptance.STORED
            self.clock.pass_by(MOMENT)

    async def claims(self, capacity: int = 10, per_user: int = 10) -> tuple[Claim, ...]:
        return await self.inbox.claim(capacity=capacity, per_user=per_user)

    async def only_claim(self) -> Claim:
        (claim,) = await self.claims()
        return claim

    async def claim_of(self, message: IncomingMessage) -> Claim:
        """Store a new message and lease it."""
        await self.accept(message)
        return await self.only_claim()


def said(
    msg_id: str, *, by: str = "zhang", in_group: str = "", robot: str = "robot"
) -> IncomingMessage:
    """A message; in the private chat with the robot unless a group is named."""
    room = Room(kind=RoomKind.GROUP, id=GroupId(in_group), title="组") if in_group else None
    sender = Sender(staff_id=StaffId(by), sender_id=f"$:{by}", nick="小明 🙋")
    message = message_saying(f"words of {msg_id}", sender=sender, room=room, msg_id=msg_id)
    return replace(message, robot=RobotId(robot))


def ids_of(claims: tuple[Claim, ...]) -> list[str]:
    return [claim.message.id for claim in claims]
