"""Giving up messages whose rows cannot be read any more, so that they hold up nothing else."""

import logging

from sqlalchemy import Connection

from adapters.sql.statements import lanes as steps
from adapters.sql.statements.decisions import refund
from adapters.sql.statements.progress import change
from application.ports import Lease
from domain.inbox import Delivery, State, StepOutOfOrder

logger = logging.getLogger(__name__)

UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError, StepOutOfOrder)
"""What reading a row raises that holds what this version does not know: msgspec's errors are among them."""


def discard_open(connection: Connection, lease: Lease, *, now: int) -> None:
    """Finish the leased message as failed; its conversation goes on with the next one."""
    discard_waiting(connection, lease.message, now=now)
    steps.finish_turn(connection, lease, now=now)


def discard_waiting(connection: Connection, message: int, *, now: int) -> None:
    """Finish a message as failed whose reply waits, and give its charge back."""
    failed: dict[str, object] = {
        "state": State.FAILED.value,
        "delivery": Delivery.NONE.value,
        "reason": "unreadable",
        "body": None,
        "reply": None,
        "finished_at": now,
    }
    change(connection, message, failed)
    refund(connection, message, now=now)
    logger.error("message_unreadable", extra={"number": message})
