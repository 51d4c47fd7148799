"""Failures of the database, in the robot's own words and without anybody else's."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from application.errors import StorageFailed

FOREIGN = (SQLAlchemyError, OSError, UnicodeError, OverflowError)
"""All that an engine or a driver raises; the last two for values that no column takes."""


class RowRejected(StorageFailed):
    """The database is well and refused a value: the rows beside it may still be stored."""


def in_our_words(error: Exception) -> Exception:
    """The failure that the caller may see: only names, for drivers quote values in their messages."""
    if not isinstance(error, FOREIGN):
        return error
    kind = StorageFailed if _is_of_the_engine(error) else RowRejected
    failure = kind(f"the database refused: {_name_of(error)}")
    failure.__cause__ = error
    return failure


@contextmanager
def translated() -> Generator[None]:
    try:
        yield
    except FOREIGN as error:
        raise in_our_words(error) from error


def _is_of_the_engine(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError)
    return isinstance(error, SQLAlchemyError | OSError)


def _name_of(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else None
    detail = getattr(original, "sqlite_errorname", None) or type(original or error).__name__
    return f"{type(error).__name__} ({detail})"
