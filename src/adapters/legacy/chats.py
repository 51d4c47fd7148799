"""The table `chats` of the predecessor, read as questions with their answers.

`chat_type` is 1 for a question and 2 for an answer. An answer's `parent_content` is the id of its question; a
question's is 0, or in a running talk (串聊) the id of the answer before it, which changes nothing here.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from hashlib import sha256

from adapters.legacy.times import moment_in
from domain.legacy import LegacyExchange, Oddity, room_of

LIVE = "deleted_at IS NULL"

COUNTS = {
    Oddity.DELETED: "SELECT count(*) FROM chats WHERE deleted_at IS NOT NULL",
    Oddity.NEITHER: f"SELECT count(*) FROM chats WHERE {LIVE} AND ifnull(chat_type, 0) NOT IN (1, 2)",  # noqa: S608 - constants
}
"""What can be told by looking at rows one by one."""

ANSWERS = f"""
    SELECT count(*), count(question.id), count(DISTINCT question.id)
    FROM chats AS answer LEFT JOIN chats AS question
      ON question.id = answer.parent_content AND question.chat_type = 1 AND question.{LIVE}
    WHERE answer.chat_type = 2 AND answer.{LIVE}
"""  # noqa: S608 - constants
"""All answers, those with a question, and the questions that have one."""

QUESTIONS = f"""
    WITH first AS MATERIALIZED (
        SELECT parent_content AS question, min(id) AS answer
        FROM chats WHERE chat_type = 2 AND {LIVE} GROUP BY parent_content
    )
    SELECT asked.id, asked.created_at, asked.username, asked.source, asked.content, told.content
    FROM chats AS asked
    LEFT JOIN first ON first.question = asked.id
    LEFT JOIN chats AS told ON told.id = first.answer
    WHERE asked.chat_type = 1 AND asked.{LIVE}
    ORDER BY asked.id
"""  # noqa: S608 - constants


def rows_in(connection: sqlite3.Connection) -> int:
    """How many rows there are, of whatever kind."""
    return int(connection.execute("SELECT count(*) FROM chats").fetchone()[0])


def questions_in(connection: sqlite3.Connection) -> int:
    query = f"SELECT count(*) FROM chats WHERE chat_type = 1 AND {LIVE}"  # noqa: S608 - constants
    return int(connection.execute(query).fetchone()[0])


def odd_rows(connection: sqlite3.Connection) -> Counter[Oddity]:
    """How many rows there are that belong to no question."""
    odd = Counter({one: connection.execute(query).fetchone()[0] for one, query in COUNTS.items()})
    answers, with_question, answered = connection.execute(ANSWERS).fetchone()
    odd[Oddity.NO_QUESTION] = answers - with_question
    odd[Oddity.SECOND_ANSWER] = with_question - answered
    return odd


def exchanges_in(connection: sqlite3.Connection, zone: tzinfo) -> Iterator[LegacyExchange | Oddity]:
    """Every question in the order of its writing, or what is odd about it.

    `zone` is that of moments which name none.
    """
    for number, created_at, username, source, asked, told in connection.execute(QUESTIONS):
        nick, title, question = text_of(username), text_of(source), text_of(asked)
        moment = moment_in(created_at, zone)
        if not question:
            yield Oddity.BLANK
        elif not nick:
            yield Oddity.NO_NICKNAME
        elif moment is None:
            yield Oddity.NO_TIME
        else:
            kind, room_title = room_of(title, nick)
            yield LegacyExchange(
                identity=identity_of(number, created_at, username, source, asked),
                asked_at=moment,
                nick=nick,
                room_kind=kind,
                room_title=room_title,
                question=question,
                answer=text_of(told),
            )


def text_of(value: object) -> str:
    """What a column holds, as text that can be stored, without white space around it."""
    if value is None:
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.replace("\0", "\ufffd").strip()


def identity_of(*stored: object) -> str:
    """A digest over all that the predecessor never changes in a question's row.

    The number tells it from the same question asked again; the rest tells it from the rows that have the
    same number in other files.
    """
    return sha256(ascii(stored).encode("ascii")).hexdigest()
