"""Storing what was decided about a message, all of it at once."""

from functools import cache

from sqlalchemy import Connection, insert, update

from adapters.sql.engine import dialect
from adapters.sql.engine.dialect import Insert
from adapters.sql.statements import lanes as steps
from adapters.sql.statements.encoding import message_in, text_of
from adapters.sql.statements.moments import millis, millis_or_none, span
from adapters.sql.statements.progress import AnyRow, advance, progress_in
from adapters.sql.statements.spending import add_use
from adapters.sql.statements.texts import storable
from adapters.sql.tables import charges, exchanges, sessions, usage
from application.ports import Lease, Outcome
from domain.conversation import Session
from domain.history import Exchange
from domain.inbox import State


def record(connection: Connection, *, lease: Lease, outcome: Outcome, now: int) -> None:
    """Store the outcome. Without a reply the message is finished and the lease ends."""
    row = steps.held_message(connection, lease, lease.message)
    decided = progress_in(row).decided(outcome.state, with_reply=bool(outcome.parts))
    reply = text_of(outcome.parts) if outcome.parts else None
    told = {"reason": outcome.reason, "reply": reply}
    advance(connection, lease.message, decided, now=now, told=told)
    if outcome.session is not None:
        _keep_session(connection, lease, outcome.session)
    if outcome.exchange is not None:
        _remember(connection, row, outcome, outcome.exchange)
        if outcome.state is State.ANSWERED:
            add_use(connection, outcome.exchange)
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


def _keep_session(connection: Connection, lease: Lease, session: Session) -> None:
    row = {
        "conversation": lease.conversation,
        "mode": None if session.mode is None else session.mode.value,
        "turns": text_of(session.turns),
        "touched_at": millis_or_none(session.touched_at),
    }
    connection.execute(_session_upsert(connection.dialect.name), row)


@cache
def _session_upsert(name: str) -> Insert:
    statement = dialect.insert(name, sessions)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[sessions.c.conversation],
        set_={"mode": new.mode, "turns": new.turns, "touched_at": new.touched_at},
    )


def _remember(connection: Connection, row: AnyRow, outcome: Outcome, exchange: Exchange) -> None:
    message = message_in(row.body)
    first_token = exchange.first_token_after
    about_the_message = {
        "message": row.id,
        "robot": message.robot,
        "conversation": message.conversation,
        "room_kind": message.room.kind.value,
        "room": message.room.id,
        "user_key": message.sender.key,
        "staff_id": message.sender.staff_id,
        "asked_at": millis(message.received_at),
    }
    about_the_answer = {
        "state": outcome.state.value,
        "reason": outcome.reason,
        "nick": storable(exchange.nick),
        "room_title": storable(exchange.room_title),
        "question": storable(exchange.question),
        "answer": storable(exchange.answer),
        "picture": exchange.picture,
        "provider": exchange.provider,
        "model": exchange.model,
        "prompt_tokens": exchange.prompt_tokens,
        "answer_tokens": exchange.answer_tokens,
        "first_token_ms": None if first_token is None else span(first_token),
        "took_ms": span(exchange.took),
    }
    connection.execute(insert(exchanges), about_the_message | about_the_answer)
