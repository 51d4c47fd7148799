"""What the SQL dialects do alike but spell apart: an insert that may meet a row, a list, a search."""

from typing import TypeAlias, TypeVar

from sqlalchemy import Column, ColumnElement, Table, any_, bindparam, func
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

ARRIVALS = "chatgpt_dingtalk_arrivals"
"""PostgreSQL's channel for news of messages; a notice carries its sender's application name."""

Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert(dialect: str, table: Table) -> Insert:
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def holds(dialect: str, column: Column[str], text: str) -> ColumnElement[bool]:
    """Whether the text is in the column, letter case aside. `%`, `_` and `\\` mean themselves."""
    has_case = text.lower() != text.upper()
    if has_case and dialect != "sqlite":
        return column.icontains(text, autoescape=True)
    if has_case and _has_case_beyond_ascii(text):
        folded: ColumnElement[str] = getattr(func, CASEFOLDED)(column)
        return folded.contains(text.casefold(), autoescape=True)
    # SQLite's LIKE minds no case of English letters, and is much faster than a function of our own.
    return column.contains(text, autoescape=True)


def is_one_of(dialect: str, column: Column[T], name: str) -> ColumnElement[bool]:
    """Whether the value is in the list `:name`.

    A server gets it as an array: written out, a list of each length would be a statement to be planned.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=postgresql.ARRAY(column.type)))
    return column.in_(bindparam(name, expanding=True))


def writes_in_with(dialect: str) -> bool:
    """Whether one statement may change several tables: on a server it spares journeys."""
    return dialect == "postgresql"


CASEFOLDED = "casefolded"
"""Our own SQL function in SQLite: the text with the case of all letters folded."""


def _has_case_beyond_ascii(text: str) -> bool:
    return any(not one.isascii() and one.lower() != one.upper() for one in text)
