"""Storing what came in."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from adapters.sql.engine.dialect import ARRIVALS
from adapters.sql.statements.moments import millis
from adapters.sql.statements.parcel import Parcel
from adapters.sql.statements.progress import AnyRow
from application.ports import Acceptance
from domain.inbox import MAX_MESSAGES_PER_SIGNATURE, Progress

# Conversations are locked in one order by everybody, lest two batches wait for one another.
_store = text(f"""
WITH incoming AS (
    SELECT * FROM unnest(
        CAST(:robots AS text[]), CAST(:msg_ids AS text[]), CAST(:conversations AS text[]),
        CAST(:users AS text[]), CAST(:signed AS bigint[]), CAST(:received AS bigint[]),
        CAST(:bodies AS text[])
    ) WITH ORDINALITY AS one (
        robot, msg_id, conversation, user_key, signed_at, received_at, body, place
    )
), stranger AS (
    SELECT DISTINCT ON (robot, msg_id) * FROM incoming AS one
    WHERE NOT EXISTS (
        SELECT FROM messages WHERE messages.robot = one.robot AND messages.msg_id = one.msg_id
    )
    ORDER BY robot, msg_id, place
), judged AS (
    SELECT *, signed_at IS NOT NULL AND :most < (
        row_number() OVER (PARTITION BY robot, signed_at ORDER BY place)
        + (SELECT count(*) FROM messages
            WHERE messages.signed_at IS NOT NULL
            AND messages.robot = stranger.robot AND messages.signed_at = stranger.signed_at)
    ) AS replayed
    FROM stranger
), stored AS (
    INSERT INTO messages (
        robot, msg_id, conversation, user_key, signed_at, received_at, body,
        state, delivery, attempts, reason, parts_sent, failures
    )
    SELECT robot, msg_id, conversation, user_key, signed_at, received_at, body,
        :state, :delivery, :attempts, '', 0, 0
    FROM judged WHERE NOT replayed ORDER BY place
    ON CONFLICT (robot, msg_id) DO NOTHING
    RETURNING robot, msg_id, conversation, user_key
), queued AS (
    INSERT INTO lanes (conversation, user_key, pending, ready_at, lease_until, epoch)
    SELECT conversation, min(user_key), count(*), CAST(:now AS bigint), 0, 0
    FROM stored GROUP BY conversation ORDER BY conversation
    ON CONFLICT (conversation) DO UPDATE SET
        pending = lanes.pending + excluded.pending,
        ready_at = CASE WHEN lanes.pending = 0 THEN excluded.ready_at ELSE lanes.ready_at END
    RETURNING 1
)
SELECT judged.place IS NOT NULL AND judged.place = incoming.place AND stored.msg_id IS NOT NULL
        AS is_new,
    coalesce(judged.replayed, FALSE) AS is_replayed,
    (SELECT pg_notify('{ARRIVALS}', current_setting('application_name'))::text
        FROM (SELECT count(*) AS rows FROM queued) AS work WHERE rows > 0) AS notice
FROM incoming
LEFT JOIN judged USING (robot, msg_id)
LEFT JOIN stored USING (robot, msg_id)
ORDER BY incoming.place
""")  # noqa: S608 - a constant


def store_at_once(
    connection: Connection, parcels: Sequence[Parcel], *, now: int
) -> list[Acceptance]:
    """Store those that are new, and tell the other processes; one answer for each, in order.

    Processes that do so at the same moment do not see one another: a header pair may vouch for its
    number of messages in each of them.
    """
    messages = [parcel.arrival.message for parcel in parcels]
    fresh = Progress()
    values = {
        "robots": [message.robot for message in messages],
        "msg_ids": [message.id for message in messages],
        "conversations": [message.conversation for message in messages],
        "users": [message.sender.key for message in messages],
        "signed": [parcel.arrival.signed_at for parcel in parcels],
        "received": [millis(message.received_at) for message in messages],
        "bodies": [parcel.body for parcel in parcels],
        "most": MAX_MESSAGES_PER_SIGNATURE,
        "state": fresh.state.value,
        "delivery": fresh.delivery.value,
        "attempts": fresh.attempts,
        "now": now,
    }
    return [_answer(row) for row in connection.execute(_store, values)]


def _answer(row: AnyRow) -> Acceptance:
    if row.is_new:
        return Acceptance.STORED
    return Acceptance.REPLAYED if row.is_replayed else Acceptance.DUPLICATE
