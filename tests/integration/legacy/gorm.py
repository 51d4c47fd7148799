"""Databases as the predecessor's object mapper (gorm) made and filled them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

CHATS = """
CREATE TABLE `chats` (`id` integer,`created_at` datetime,`updated_at` datetime,`deleted_at` datetime,
`username` varchar(50) NOT NULL,`source` varchar(50),`chat_type` tinyint(1) DEFAULT 1,
`parent_content` integer DEFAULT 0,`content` varchar(128),PRIMARY KEY (`id`));
CREATE INDEX `idx_chats_deleted_at` ON `chats`(`deleted_at`);
"""

QUESTION, ANSWER = 1, 2
EIGHT = "2023-04-05 08:00:00.123456789+08:00"

Value = str | bytes | int | float | None


@dataclass(slots=True)
class LegacyDatabase:
    """A file that is filled row by row, as the predecessor did while people talked to it."""

    path: Path
    _rows: list[tuple[Value, ...]] = field(default_factory=list)
    _made: bool = False
    _written: int = 0

    def row(  # noqa: PLR0913 - the columns of the table
        self,
        kind: Value,
        content: Value,
        *,
        nick: str = "张三",
        source: Value = "张三_私聊",
        parent: int = 0,
        at: Value = EIGHT,
        deleted: Value = None,
    ) -> int:
        """Write a row; returns its number."""
        self._rows.append((at, at, deleted, nick, source, kind, parent, content))
        return self._written + len(self._rows)

    def question(self, content: Value, **columns: object) -> int:
        return self.row(QUESTION, content, **columns)  # type: ignore[arg-type] # the columns of `row`

    def answer(self, content: Value, parent: int, **columns: object) -> int:
        return self.row(ANSWER, content, parent=parent, **columns)  # type: ignore[arg-type] # the same

    def talk(self, asked: str, told: str, **columns: object) -> int:
        """A question with its answer; returns the answer's number."""
        return self.answer(told, self.question(asked, **columns), **columns)

    def save(self) -> Path:
        """The file with all rows so far."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            if not self._made:
                connection.executescript(CHATS)
            connection.executemany(
                "INSERT INTO chats (created_at, updated_at, deleted_at, username, source, chat_type, "
                "parent_content, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                self._rows,
            )
        self._made = True
        self._written += len(self._rows)
        self._rows.clear()
        return self.path
