"""Pictures of services that share one database instead of a folder."""

import sqlalchemy as sa
from alembic import op

revision = "pictures"
down_revision = "history_and_spending"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pictures_key"),
    )
    op.create_index("pictures_kept", "pictures", ["kept_at"])


def downgrade() -> None:
    op.drop_table("pictures")
