"""Adding up what the models are used for, one row a day and model."""

from functools import cache

from sqlalchemy import Connection

from adapters.sql.engine import dialect
from adapters.sql.engine.dialect import Insert
from adapters.sql.tables import MODEL_NAME, PROVIDER_NAME, spending
from domain.history import Exchange


def add_use(connection: Connection, exchange: Exchange) -> None:
    """Count an answered question with its tokens and its picture. Without a model it cost nothing."""
    if not exchange.model:
        return
    use = {
        "day": exchange.day.isoformat(),
        # The provider says what its model is called: a long name must not cost the answer.
        "provider": exchange.provider[:PROVIDER_NAME],
        "model": exchange.model[:MODEL_NAME],
        "questions": 1,
        "prompt_tokens": exchange.prompt_tokens,
        "answer_tokens": exchange.answer_tokens,
        "pictures": 1 if exchange.picture else 0,
    }
    connection.execute(_one_more(connection.dialect.name), use)


@cache
def _one_more(name: str) -> Insert:
    statement = dialect.insert(name, spending)
    counted = ("questions", "prompt_tokens", "answer_tokens", "pictures")
    return statement.on_conflict_do_update(
        index_elements=[spending.c.day, spending.c.provider, spending.c.model],
        set_={column: spending.c[column] + statement.excluded[column] for column in counted},
    )
