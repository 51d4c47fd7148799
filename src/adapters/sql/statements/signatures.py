"""What the signatures of messages tell about clocks."""

from datetime import datetime

from sqlalchemy import Connection, select

from adapters.sql.statements.moments import moment_of
from adapters.sql.tables import SIGNED, messages


def last_signature(connection: Connection) -> tuple[datetime, datetime] | None:
    """When the newest message with a signature was signed, by DingTalk's clock, and received, by ours."""
    newest = (
        select(messages.c.signed_at, messages.c.received_at)
        .where(SIGNED)
        .order_by(messages.c.id.desc())
        .limit(1)
    )
    row = connection.execute(newest).first()
    return row and (moment_of(row.signed_at), moment_of(row.received_at))
