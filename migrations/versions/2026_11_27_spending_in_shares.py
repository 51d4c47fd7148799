"""Sums of a day and model in several rows, so that answers do not wait for one another."""

import sqlalchemy as sa
from alembic import op

revision = "spending_in_shares"
down_revision = "pictures"
branch_labels = None
depends_on = None

SUM = ("day", "provider", "model")
COUNTED = ("questions", "prompt_tokens", "answer_tokens", "pictures")


def upgrade() -> None:
    share = sa.Column("share", sa.Integer(), nullable=False, server_default="0")
    with op.batch_alter_table("spending") as spending:
        spending.add_column(share)
        spending.drop_constraint("spending_key", type_="primary")
        spending.create_primary_key("spending_key", [*SUM, share.name])


def downgrade() -> None:
    put_together()
    with op.batch_alter_table("spending") as spending:
        spending.drop_constraint("spending_key", type_="primary")
        spending.drop_column("share")
        spending.create_primary_key("spending_key", list(SUM))


def put_together() -> None:
    """One row for each sum."""
    sums, columns = ", ".join(SUM), ", ".join((*SUM, *COUNTED))
    whole = ", ".join(f"sum({column}) AS {column}" for column in COUNTED)
    op.execute(
        f"CREATE TEMPORARY TABLE whole AS SELECT {sums}, {whole} FROM spending GROUP BY {sums}"  # noqa: S608
    )
    op.execute("DELETE FROM spending")
    op.execute(f"INSERT INTO spending ({columns}) SELECT {columns} FROM whole")  # noqa: S608
    op.execute("DROP TABLE whole")
