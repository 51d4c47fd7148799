"""Failures of the database, in the robot's own words and without anybody else's."""

from collections.abc import Generator
from contextlib import contextmanager
from socket import gaierror
from types import MappingProxyType

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from application.errors import StorageFailed

FOREIGN = (SQLAlchemyError, OSError, UnicodeError, OverflowError)
"""All that an engine or a driver raises; the last two for values that no column takes."""


class RowRejected(StorageFailed):
    """The database is well and refused a value: the rows beside it may still be stored."""


class Conflict(StorageFailed):
    """Two transactions were in each other's way and this one had to give in: it can be done again."""


def in_our_words(error: Exception) -> Exception:
    """The failure that the caller may see: only names, for drivers quote values in their messages."""
    if not isinstance(error, FOREIGN):
        return error
    return _failure(error, _kind_of(error))


@contextmanager
def translated(*, foreign: tuple[type[Exception], ...] = ()) -> Generator[None]:
    """`foreign`: what a driver raises besides, where it finds nobody to talk to."""
    try:
        yield
    except FOREIGN as error:
        raise in_our_words(error) from error
    except foreign as error:
        raise _failure(error, StorageFailed) from error


def _failure(error: Exception, kind: type[StorageFailed]) -> StorageFailed:
    failure = kind(f"the database refused: {_name_of(error)}{_hint_for(error)}")
    failure.__cause__ = error
    return failure


def _kind_of(error: Exception) -> type[StorageFailed]:
    if not isinstance(error, DBAPIError):
        return StorageFailed if isinstance(error, SQLAlchemyError | OSError) else RowRejected
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in CONFLICTS:
        return Conflict
    if error.connection_invalidated or isinstance(error, OperationalError):
        return StorageFailed
    # SQLite names no state; PostgreSQL's driver refuses some values before the server sees them.
    return RowRejected if not state or state[:2] in OF_A_ROW else StorageFailed


CONFLICTS = frozenset({"40001", "40P01"})
"""SQL states of a transaction that gave in to another one: no serial order, deadlock."""

OF_A_ROW = frozenset({"22", "23", "55"})
"""Classes of SQL states: a value that does not fit, a rule that is broken, a row that somebody holds."""


HINTS = MappingProxyType(
    {
        "28P01": "the user or the password is wrong",
        "28000": "the server does not let this user in from here",
        "3D000": "there is no database of that name: make one with CREATE DATABASE",
        "42501": "the account may not do that: let it own the database, or the schema and its tables",
        "25006": "the server only reads, as a standby does: name the one that writes",
        "53300": "the server has no connection left: raise its max_connections, or lower the pools",
    }
)
"""What an operator has to mend, by the SQL state."""

NO_WAY = (
    (gaierror, "its host cannot be found"),
    (ConnectionRefusedError, "nobody takes connections at that host and port"),
    (TimeoutError, "it does not answer in time"),
    (ConnectionError, "the connection was refused or broke, or the server speaks no TLS"),
)


def _hint_for(error: Exception) -> str:
    cause = (error.orig or error) if isinstance(error, DBAPIError) else error
    hint = HINTS.get(getattr(cause, "sqlstate", None) or "")
    if hint is None:
        hint = next((words for kind, words in NO_WAY if isinstance(cause, kind)), None)
    return f", {hint}" if hint else ""


def _name_of(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else None
    detail = getattr(original, "sqlite_errorname", None) or type(original or error).__name__
    return f"{type(error).__name__} ({detail})"
