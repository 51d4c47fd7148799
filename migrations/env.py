"""What Alembic runs: brings a database, the service's or a developer's own, to a revision."""

from alembic import context
from sqlalchemy import Connection

from adapters.sql.schema import in_schema_transaction
from adapters.sql.tables import metadata

DEVELOPERS_FILE = "sqlite:///data/chatgpt-dingtalk.sqlite"


def migrate(connection: Connection) -> None:
    # SQLite changes a table by copying it, which Alembic calls a batch.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    in_schema_transaction(DEVELOPERS_FILE, migrate)
