"""What can be wrong with the predecessor's file, each in a sentence for the operator."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from domain.errors import RobotError


class LegacyUnreadable(RobotError):  # noqa: N818 - reads as what it says
    """The file cannot be taken over; the message says why and what to do."""


NOT_SQLITE = (
    "this is no SQLite database: name the predecessor's file, usually data/dingtalkbot.sqlite"
)
NO_CHATS = (
    "there is no history of the predecessor in it: it has no table `chats` with the right columns"
)
IN_USE = "somebody is writing to it: stop the predecessor and run this again"
DAMAGED = "it is damaged: mend a copy with `sqlite3 FILE .recover | sqlite3 MENDED` and take that"
NOT_CLOSED = (
    "it was not closed in order and cannot be mended where it is: copy it, with the files of the same name "
    "that end with -wal, -shm or -journal, into a folder that can be written to, open the copy once "
    "with sqlite3, and take that"
)
ENDLESS = "reading it takes far more work than its size allows: take the predecessor's own file"
UNUSABLE = "it cannot be read: see who may read the file and its folder"

SENTENCES = {
    sqlite3.SQLITE_NOTADB: NOT_SQLITE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_BUSY: IN_USE,
    sqlite3.SQLITE_LOCKED: IN_USE,
    sqlite3.SQLITE_ERROR: NO_CHATS,
    sqlite3.SQLITE_INTERRUPT: ENDLESS,
    sqlite3.SQLITE_TOOBIG: ENDLESS,
}
"""By the primary result code of SQLite."""

PRIMARY = 0xFF
"""The bits of an extended result code that say the primary one."""


def primary_code_of(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR)) & PRIMARY


@contextmanager
def explained() -> Generator[None]:
    """Raises LegacyUnreadable for what SQLite complains about."""
    try:
        yield
    except sqlite3.Error as error:
        raise LegacyUnreadable(SENTENCES.get(primary_code_of(error), UNUSABLE)) from error
