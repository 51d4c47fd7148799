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
    SELECT * FROM incoming AS one
    WHERE NOT EXISTS (
        SELECT FROM messages WHERE messages.robot = one.robot AND messages.msg_id = one.msg_id
    )
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
SELECT stored.msg_id IS NOT NULL AS is_new,
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

    Of several that bring one message the next is judged when the one before was refused.
    Processes that do so at the same moment do not see one another: a header pair may vouch for its
    number of messages in each of them.
    """
    answers: dict[int, Acceptance] = {}
    left = list(enumerate(parcels))
    while left:
        firsts = {parcel.identity: place for place, parcel in reversed(left)}
        places = sorted(firsts.values())
        judged = _stored(connection, [parcels[place] for place in places], now=now)
        answers.update(zip(places, judged, strict=True))
        left = [
            (place, parcel)
            for place, parcel in left
            if place not in answers and answers[firsts[parcel.identity]] is Acceptance.REPLAYED
        ]
    return [answers.get(place, Acceptance.DUPLICATE) for place in range(len(parcels))]


def _stored(connection: Connection, parcels: Sequence[Parcel], *, now: int) -> list[Acceptance]:
    """The answers for these, each of which brings a message of its own."""
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
