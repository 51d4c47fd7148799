"""The first tables: inbox, charges, sessions, history and kept keys."""

import sqlalchemy as sa
from alembic import op

revision = "first_tables"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_messages()
    create_lanes()
    create_sessions()
    create_ledger()
    create_exchanges()
    op.create_table(
        "kept_keys",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="kept_keys_key"),
    )


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("robot", sa.String(128), nullable=False),
        sa.Column("msg_id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger()),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("delivery", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text()),
        sa.Column("parts_sent", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="messages_key"),
        sa.UniqueConstraint("robot", "msg_id", name="messages_robot_msg_id_once"),
        sqlite_autoincrement=True,
    )
    place = ["conversation", "id"]
    create_partial_index("messages_unfinished", "messages", place, where="finished_at IS NULL")
    create_partial_index("messages_waiting", "messages", place, where="delivery = 'waiting'")
    pair = ["robot", "signed_at"]
    create_partial_index("messages_signed", "messages", pair, where="signed_at IS NOT NULL")
    end = ["finished_at"]
    create_partial_index("messages_finished", "messages", end, where="finished_at IS NOT NULL")


def create_lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("conversation", name="lanes_key"),
    )
    turn = ["ready_at", "conversation"]
    create_partial_index("lanes_due", "lanes", turn, where="pending > 0")
    holder = ["user_key", "lease_until"]
    create_partial_index("lanes_leased", "lanes", holder, where="lease_until > 0")
    op.create_index("lanes_idle", "lanes", ["ready_at"])


def create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(16)),
        sa.Column("turns", sa.Text(), nullable=False),
        sa.Column("touched_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("conversation", name="sessions_key"),
    )
    op.create_index("sessions_idle", "sessions", ["touched_at"])


def create_ledger() -> None:
    op.create_table(
        "usage",
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", "day", name="usage_key"),
    )
    op.create_table(
        "charges",
        sa.Column("message", ID, nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("refunded_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["message"], ["messages.id"], name="charges_message_known", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message", name="charges_key"),
    )


def create_exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", ID, nullable=False),
        sa.Column("message", ID, nullable=False),
        sa.Column("robot", sa.String(128), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("room_kind", sa.String(16), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("room_title", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text()),
        sa.Column("nick", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("answer_tokens", sa.Integer(), nullable=False),
        sa.Column("first_token_ms", sa.BigInteger()),
        sa.Column("took_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="exchanges_key"),
        sa.UniqueConstraint("message", name="exchanges_message_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("exchanges_of_user", "exchanges", ["user_key", "id"])


def create_partial_index(name: str, table: str, columns: list[str], *, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    for table in (
        "kept_keys",
        "exchanges",
        "charges",
        "usage",
        "sessions",
        "lanes",
        "messages",
    ):
        op.drop_table(table)
