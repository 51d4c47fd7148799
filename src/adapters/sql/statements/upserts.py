"""What becomes of a row that is there already, whichever way the new one comes."""

from sqlalchemy import bindparam

from adapters.sql.engine.dialect import Insert
from adapters.sql.tables import sessions, spending, usage

COUNTED = ("questions", "prompt_tokens", "answer_tokens", "pictures")
"""What the sums of a day and model consist of."""


def replacing_session(statement: Insert) -> Insert:
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[sessions.c.conversation],
        set_={"mode": new.mode, "turns": new.turns, "touched_at": new.touched_at},
    )


def adding_use(statement: Insert) -> Insert:
    """The sums of a day and model, in the share of the new row, grow by what it brings."""
    return statement.on_conflict_do_update(
        index_elements=list(spending.primary_key),
        set_={column: spending.c[column] + statement.excluded[column] for column in COUNTED},
    )


def counting_one_more(statement: Insert, *, is_limited: bool) -> Insert:
    """The day's count grows by one; not beyond `:most`, and then no row is returned."""
    return statement.on_conflict_do_update(
        index_elements=[usage.c.user_key, usage.c.day],
        set_={"used": usage.c.used + 1},
        where=usage.c.used < bindparam("most") if is_limited else None,
    )
