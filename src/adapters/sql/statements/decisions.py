"""Storing what was decided about a message, all of it at once."""

from functools import cache

from sqlalchemy import Connection, insert, update

from adapters.sql.engine import dialect
from adapters.sql.engine.dialect import Insert
from adapters.sql.statements import lanes as steps
from adapters.sql.statements.encoding import text_of
from adapters.sql.statements.progress import AnyRow, advance, progress_in
from adapters.sql.statements.rows import exchange_row, session_row, use_row
from adapters.sql.statements.upserts import adding_use, replacing_session
from adapters.sql.tables import charges, exchanges, sessions, spending, usage
from application.ports import Lease, Outcome
from domain.history import Exchange


def record_in_steps(
    connection: Connection, *, lease: Lease, outcome: Outcome, share: int, now: int
) -> None:
    """Store the outcome. Without a reply the message is finished and the lease ends."""
    row = steps.held_message(connection, lease, lease.message)
    decided = progress_in(row).decided(outcome.state, with_reply=bool(outcome.parts))
    reply = text_of(outcome.parts) if outcome.parts else None
    told = {"reason": outcome.reason, "reply": reply}
    advance(connection, lease.message, decided, now=now, told=told)
    if outcome.session is not None:
        session = {"conversation": lease.conversation, **session_row(outcome.session)}
        connection.execute(_session_upsert(connection.dialect.name), session)
    if outcome.exchange is not None:
        _remember(connection, row, outcome, outcome.exchange, share)
    if outcome.refund:
        refund(connection, lease.message, now=now)
    if outcome.aloud:
        steps.note_refusal(connection, lease, now=now)
    if not outcome.parts:
        steps.finish_turn(connection, lease, now=now)


def refund(connection: Connection, message: int, *, now: int) -> None:
    """Give the charge for the message back, if there is one that was not given back before."""
    given_back = connection.execute(
        update(charges)
        .where(charges.c.message == message, charges.c.refunded_at.is_(None))
        .values(refunded_at=now)
        .returning(charges.c.user_key, charges.c.day)
    ).one_or_none()
    if given_back is not None:
        connection.execute(
            update(usage)
            .where(usage.c.user_key == given_back.user_key, usage.c.day == given_back.day)
            .values(used=usage.c.used - 1)
        )


def _remember(
    connection: Connection, row: AnyRow, outcome: Outcome, exchange: Exchange, share: int
) -> None:
    about_the_message = {
        "message": row.id,
        "robot": row.robot,
        "conversation": row.conversation,
        "user_key": row.user_key,
        "asked_at": row.received_at,
    }
    connection.execute(insert(exchanges), about_the_message | exchange_row(outcome, exchange))
    if use := use_row(outcome, exchange, share):
        connection.execute(_use_upsert(connection.dialect.name), use)


@cache
def _session_upsert(name: str) -> Insert:
    return replacing_session(dialect.insert(name, sessions))


@cache
def _use_upsert(name: str) -> Insert:
    return adding_use(dialect.insert(name, spending))
