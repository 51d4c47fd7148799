"""What the SQL dialects have in common but SQLAlchemy spells apart: an insert that may meet a row."""

from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert(dialect: str, table: Table) -> Insert:
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
