"""The tables, and the conditions that their partial indexes are made for.

Moments are milliseconds since 1970, days are written 2026-01-31. A partial index is sure to serve
a query only if the query repeats its condition word for word, without parameters: hence the conditions
here, made of literals.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_once",
        "fk": "%(table_name)s_%(column_0_N_name)s_known",
        "pk": "%(table_name)s_key",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is called INTEGER."""

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("robot", String(128), nullable=False),
    Column("msg_id", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("user_key", Text, nullable=False),
    Column("signed_at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("delivery", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("body", Text),
    Column("reason", Text, nullable=False),
    Column("reply", Text),
    Column("parts_sent", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("finished_at", BigInteger),
    UniqueConstraint("robot", "msg_id"),
    sqlite_autoincrement=True,
)
"""What came in. Body and reply are there until the message is finished, its row for some days more."""

UNFINISHED = messages.c.finished_at.is_(None)
FINISHED = messages.c.finished_at.is_not(None)
WAITING = messages.c.delivery == literal_column("'waiting'")
SIGNED = messages.c.signed_at.is_not(None)

Index(
    "messages_unfinished",
    messages.c.conversation,
    messages.c.id,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)
Index(
    "messages_waiting",
    messages.c.conversation,
    messages.c.id,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
Index(
    "messages_signed",
    messages.c.robot,
    messages.c.signed_at,
    sqlite_where=SIGNED,
    postgresql_where=SIGNED,
)
Index(
    "messages_finished",
    messages.c.finished_at,
    sqlite_where=FINISHED,
    postgresql_where=FINISHED,
)

lanes = Table(
    "lanes",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("user_key", Text, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("ready_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("refused_at", BigInteger),
)
"""One row a conversation: how many open messages it has, when it is due, and who has it in hand.

`lease_until` is 0 while nobody has; `epoch` counts the leases.
"""

HAS_WORK = lanes.c.pending > literal_column("0")
LEASED = lanes.c.lease_until > literal_column("0")

Index(
    "lanes_due",
    lanes.c.ready_at,
    lanes.c.conversation,
    sqlite_where=HAS_WORK,
    postgresql_where=HAS_WORK,
)
Index(
    "lanes_leased",
    lanes.c.user_key,
    lanes.c.lease_until,
    sqlite_where=LEASED,
    postgresql_where=LEASED,
)
Index("lanes_idle", lanes.c.ready_at)

sessions = Table(
    "sessions",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("mode", String(16)),
    Column("turns", Text, nullable=False),
    Column("touched_at", BigInteger),
)

Index("sessions_idle", sessions.c.touched_at)

usage = Table(
    "usage",
    metadata,
    Column("user_key", Text, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", Integer, nullable=False),
)
"""Questions of a person on a day: one more for each charge, one less for each that is given back.

It stays when the charges go with their messages.
"""

charges = Table(
    "charges",
    metadata,
    Column("message", Id, ForeignKey(messages.c.id, ondelete="CASCADE"), primary_key=True),
    Column("user_key", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("refunded_at", BigInteger),
)
"""At most one a message, by its key."""

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Id, primary_key=True),
    # No foreign key: history outlives the rows of the inbox, whose numbers are never used again.
    Column("message", Id),
    Column("imported_as", String(64)),
    Column("robot", String(128), nullable=False),
    Column("conversation", Text, nullable=False),
    Column("room_kind", String(16), nullable=False),
    Column("room", Text, nullable=False),
    Column("room_title", Text, nullable=False),
    Column("user_key", Text, nullable=False),
    Column("staff_id", Text),
    Column("nick", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("picture", String(64), nullable=False, server_default=""),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("answer_tokens", Integer, nullable=False),
    Column("first_token_ms", BigInteger),
    Column("took_ms", BigInteger, nullable=False),
    # NULL where the provider tells none, and where the first one answered at once.
    Column("thought_tokens", Integer),
    Column("attempts", Text),
    UniqueConstraint("message"),
    UniqueConstraint("imported_as"),
    sqlite_autoincrement=True,
)
"""Questions with their answers, masked, for the history pages.

Each has either the number of its message, or what tells it from the others of the predecessor's history.
"""

Index("exchanges_of_user", exchanges.c.user_key, exchanges.c.asked_at, exchanges.c.id)
Index("exchanges_of_nick", exchanges.c.nick, exchanges.c.user_key)
Index("exchanges_asked", exchanges.c.asked_at)

DRAWN = exchanges.c.picture != literal_column("''")

Index(
    "exchanges_drawn",
    exchanges.c.picture,
    sqlite_where=DRAWN,
    postgresql_where=DRAWN,
)

history_links = Table(
    "history_links",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("person", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""Who may read whose history until when, by a digest of the link's token."""

Index("history_links_of_administrator", history_links.c.asked_by)
Index("history_links_ended", history_links.c.expires_at)

PROVIDER_NAME, MODEL_NAME = 128, 256
"""Characters that are enough to tell one from another; longer names are cut there."""

spending = Table(
    "spending",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("provider", String(PROVIDER_NAME), primary_key=True),
    Column("model", String(MODEL_NAME), primary_key=True),
    Column("questions", BigInteger, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("answer_tokens", BigInteger, nullable=False),
    Column("pictures", BigInteger, nullable=False),
    Column("share", Integer, primary_key=True, server_default="0", autoincrement=False),
)
"""What the models were used for, by everybody together: sums of a day and model, which no clearing takes.

Each process adds to a share of its own, lest its answers wait until those of another have been committed.
"""

kept_keys = Table(
    "kept_keys",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""Random keys that were made here and must stay the same."""

pictures = Table(
    "pictures",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("kept_at", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Pictures that were drawn, where several machines share the database and have no folder in common."""

Index("pictures_kept", pictures.c.kept_at)
