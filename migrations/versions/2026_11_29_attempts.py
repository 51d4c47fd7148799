"""What was tried for a question, and how many tokens of its answer were thoughts."""

import sqlalchemy as sa
from alembic import op

revision = "attempts"
down_revision = "spending_in_shares"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, which would copy all of a SQLite's history.
    op.add_column("exchanges", sa.Column("thought_tokens", sa.Integer()))
    op.add_column("exchanges", sa.Column("attempts", sa.Text()))


def downgrade() -> None:
    op.drop_column("exchanges", "attempts")
    op.drop_column("exchanges", "thought_tokens")
