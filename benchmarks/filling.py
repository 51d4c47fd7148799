"""Tables filled with years of a large organisation's messages, by the server itself."""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is; one message in ten is a picture, a person has five conversations."""

    messages: int
    conversations: int
    unfinished: int = 200

    @property
    def people(self) -> int:
        return max(1, self.conversations // 5)


STEPS = (
    """
    INSERT INTO lanes (conversation, user_key, pending, ready_at, lease_until, epoch)
    SELECT 'c' || n, 'staff:u' || n % :people, 0, n, 0, 1 FROM generate_series(1, :conversations) n
    """,
    """
    INSERT INTO sessions (conversation, mode, turns, touched_at)
    SELECT 'c' || n, 'multi_turn', '[]', n FROM generate_series(1, :conversations) n
    """,
    """
    INSERT INTO messages (robot, msg_id, conversation, user_key, signed_at, received_at, state,
        delivery, attempts, reason, parts_sent, failures, finished_at)
    SELECT 'robot', 'old-' || n, 'c' || 1 + n % :conversations, 'staff:u' || n % :people, n, n,
        'delivered', 'done', 1, 'answered', 1, 0, n FROM generate_series(1, :messages) n
    """,
    """
    INSERT INTO charges (message, user_key, day)
    SELECT id, user_key, '2026-01-01' FROM messages WHERE finished_at IS NOT NULL
    """,
    """
    INSERT INTO usage (user_key, day, used)
    SELECT 'staff:u' || p, to_char(date '2026-01-01' + d, 'YYYY-MM-DD'), 3
    FROM generate_series(0, :people - 1) p, generate_series(0, 9) d
    """,
    """
    INSERT INTO exchanges (message, robot, conversation, room_kind, room, room_title, user_key,
        staff_id, nick, asked_at, state, reason, question, answer, picture, provider, model,
        prompt_tokens, answer_tokens, took_ms)
    SELECT id, robot, conversation, 'private', 'r', '', user_key, 'u', 'n' || user_key, received_at,
        'delivered', 'answered', 'What about ' || msg_id || '?', 'This is the answer to ' || msg_id,
        CASE WHEN id % 10 = 0 THEN id || '.png' ELSE '' END, 'p', 'm', 10, 20, 30
    FROM messages WHERE finished_at IS NOT NULL
    """,
    """
    INSERT INTO messages (robot, msg_id, conversation, user_key, signed_at, received_at, state,
        delivery, attempts, body, reason, parts_sent, failures)
    SELECT 'robot', 'open-' || n, 'c' || n, 'staff:u' || n % :people, NULL, 0, 'received', 'none', 0,
        '{}', '', 0, 0 FROM generate_series(1, :unfinished) n
    """,
    """
    UPDATE lanes SET pending = 1, ready_at = :later
    WHERE conversation IN (SELECT 'c' || n FROM generate_series(1, :unfinished) n)
    """,
)
"""The unfinished ones are due in a far future, so that whoever claims gets its own."""

LATER = 10**14


def fill(connection: Connection, size: Size) -> None:
    """Fill a PostgreSQL's empty tables; a million messages take some ten seconds."""
    values = {
        "messages": size.messages,
        "conversations": size.conversations,
        "people": size.people,
        "unfinished": size.unfinished,
        "later": LATER,
    }
    for step in STEPS:
        statement = text(step)
        names = set(statement.compile().params)
        connection.execute(statement, {name: values[name] for name in names})
    connection.execute(text("ANALYZE"))
