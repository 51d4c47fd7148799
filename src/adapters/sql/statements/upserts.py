"""What becomes of a row that is there already, whichever way the new one comes."""

from sqlalchemy import bindparam

from adapters.sql.engine.dialect import Insert
from adapters.sql.tables import sessions, spending, usage


def replacing_session(statement: Insert) -> Insert:
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[sessions.c.conversation],
        set_={"mode": new.mode, "turns": new.turns, "touched_at": new.touched_at},
    )


def adding_use(statement: Insert) -> Insert:
    """The sums of a day and model grow by those of the new row."""
    counted = ("questions", "prompt_tokens", "answer_tokens", "pictures")
    return statement.on_conflict_do_update(
        index_elements=[spending.c.day, spending.c.provider, spending.c.model],
        set_={column: spending.c[column] + statement.excluded[column] for column in counted},
    )


def counting_one_more(statement: Insert, *, is_limited: bool) -> Insert:
    """The day's count grows by one; not beyond `:most`, and then no row is returned."""
    return statement.on_conflict_do_update(
        index_elements=[usage.c.user_key, usage.c.day],
        set_={"used": usage.c.used + 1},
        where=usage.c.used < bindparam("most") if is_limited else None,
    )
