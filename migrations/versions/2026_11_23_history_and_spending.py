"""History: pictures, imported questions, links and what the models were used for."""

import sqlalchemy as sa
from alembic import op

revision = "history_and_spending"
down_revision = "first_tables"
branch_labels = None
depends_on = None

NUMBERED_ONCE = {"sqlite_autoincrement": True}
"""What SQLite would forget of a table that it copies: no number is given to a second row."""


def upgrade() -> None:
    with op.batch_alter_table("exchanges", table_kwargs=NUMBERED_ONCE) as exchanges:
        exchanges.alter_column("message", existing_type=sa.BigInteger(), nullable=True)
        exchanges.add_column(sa.Column("imported_as", sa.String(64)))
        exchanges.add_column(sa.Column("picture", sa.String(64), nullable=False, server_default=""))
        exchanges.create_unique_constraint("exchanges_imported_as_once", ["imported_as"])
        exchanges.drop_index("exchanges_of_user")
    op.create_index("exchanges_of_user", "exchanges", ["user_key", "asked_at", "id"])
    op.create_index("exchanges_of_nick", "exchanges", ["nick", "user_key"])
    op.create_index("exchanges_asked", "exchanges", ["asked_at"])
    drawn = sa.text("picture != ''")
    op.create_index(
        "exchanges_drawn", "exchanges", ["picture"], sqlite_where=drawn, postgresql_where=drawn
    )
    create_history_links()
    create_spending()


def create_history_links() -> None:
    op.create_table(
        "history_links",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="history_links_key"),
    )
    op.create_index("history_links_of_administrator", "history_links", ["asked_by"])
    op.create_index("history_links_ended", "history_links", ["expires_at"])


def create_spending() -> None:
    op.create_table(
        "spending",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("provider", sa.String(128), nullable=False),
        sa.Column("model", sa.String(256), nullable=False),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("answer_tokens", sa.BigInteger(), nullable=False),
        sa.Column("pictures", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "provider", "model", name="spending_key"),
    )


def downgrade() -> None:
    op.drop_table("spending")
    op.drop_table("history_links")
    op.drop_index("exchanges_drawn", "exchanges")
    op.drop_index("exchanges_asked", "exchanges")
    op.drop_index("exchanges_of_nick", "exchanges")
    op.execute("DELETE FROM exchanges WHERE message IS NULL")
    with op.batch_alter_table("exchanges", table_kwargs=NUMBERED_ONCE) as exchanges:
        exchanges.drop_index("exchanges_of_user")
        exchanges.drop_constraint("exchanges_imported_as_once", type_="unique")
        exchanges.drop_column("picture")
        exchanges.drop_column("imported_as")
        exchanges.alter_column("message", existing_type=sa.BigInteger(), nullable=False)
    op.create_index("exchanges_of_user", "exchanges", ["user_key", "id"])
