"""What an outcome leaves in the tables of sessions, exchanges and spending, as rows for an insert."""

from adapters.sql.statements.encoding import text_of
from adapters.sql.statements.moments import millis_or_none, span
from adapters.sql.statements.texts import storable
from adapters.sql.tables import MODEL_NAME, PROVIDER_NAME
from application.ports import Outcome
from domain.conversation import Session
from domain.history import Exchange
from domain.inbox import State

SHARES = 256
"""Rows that the sums of a day and model may be spread over: processes with the same wait for one another."""


def session_row(session: Session) -> dict[str, object]:
    """What is replaced in the row of the conversation."""
    return {
        "mode": None if session.mode is None else session.mode.value,
        "turns": text_of(session.turns),
        "touched_at": millis_or_none(session.touched_at),
    }


def exchange_row(outcome: Outcome, exchange: Exchange) -> dict[str, object]:
    """All but what the row of the message says as well."""
    first_token = exchange.first_token_after
    return {
        "room_kind": exchange.room.kind.value,
        "room": exchange.room.id,
        "room_title": storable(exchange.room.title),
        "staff_id": exchange.sender.staff_id,
        "nick": storable(exchange.sender.nick),
        "state": outcome.state.value,
        "reason": outcome.reason,
        "question": storable(exchange.question),
        "answer": storable(exchange.answer),
        "picture": exchange.picture,
        "provider": exchange.provider,
        "model": exchange.model,
        "prompt_tokens": exchange.prompt_tokens,
        "answer_tokens": exchange.answer_tokens,
        "first_token_ms": None if first_token is None else span(first_token),
        "took_ms": span(exchange.took),
        "thought_tokens": exchange.thought_tokens,
        "attempts": text_of(exchange.attempts) if exchange.attempts else None,
    }


def use_row(outcome: Outcome, exchange: Exchange, share: int) -> dict[str, object]:
    """What is added to that share of the sums of day and model; nothing where no model answered.

    For it cost nothing.
    """
    if outcome.state is not State.ANSWERED or not exchange.model:
        return {}
    return {
        "day": exchange.day.isoformat(),
        # The provider says what its model is called: a long name must not cost the answer.
        "provider": exchange.provider[:PROVIDER_NAME],
        "model": exchange.model[:MODEL_NAME],
        "share": share,
        "questions": 1,
        "prompt_tokens": exchange.prompt_tokens,
        "answer_tokens": exchange.answer_tokens,
        "pictures": 1 if exchange.picture else 0,
    }
