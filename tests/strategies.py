"""How to make any domain value; one strategy for each noun."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.access import AccessPolicy, AllowList
from domain.conversation import Turn
from domain.message import (
    Content,
    ContentKind,
    GroupId,
    IncomingMessage,
    RobotId,
    Room,
    RoomKind,
    Sender,
    StaffId,
    Webhook,
)
from domain.sensitive_words import FindWords, SensitiveWords, Span

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

# Small alphabets: random words must meet in random texts, and random people on random lists.
LETTERS = "abAB坏 感\u200b*"
PEOPLE = [StaffId(name) for name in ("zhang", "li", "wang")]
GROUPS = [GroupId(name) for name in ("cidA", "cidB")]


def find_by_looking(words: tuple[str, ...]) -> FindWords:
    """The slowest and plainest search for words: the oracle for every other."""

    def find(text: str) -> Iterable[Span]:
        for word in words:
            for start in range(len(text)):
                if text.startswith(word, start):
                    yield start, start + len(word)

    return find


texts = st.text(LETTERS, max_size=12)
word_lists = st.frozensets(st.text(LETTERS, max_size=3), max_size=4)
sensitive_words = word_lists.map(lambda words: SensitiveWords(words, find_by_looking))

staff_ids = st.sampled_from(PEOPLE)
group_ids = st.sampled_from(GROUPS)
staff_sets = st.frozensets(staff_ids)

senders = st.one_of(
    staff_ids.map(lambda staff_id: Sender(staff_id=staff_id, sender_id="$:x", nick="nick")),
    st.just(Sender(staff_id=None, sender_id="$:outsider", nick="zhang")),
)
rooms = st.builds(
    Room, kind=st.sampled_from(RoomKind), id=group_ids, title=st.just("组"), outgoing=st.booleans()
)
contents = st.builds(
    Content, kind=st.just(ContentKind.TEXT), text=texts, quoted=st.sampled_from(["", "引用"])
)
messages = st.builds(
    IncomingMessage,
    robot=st.just(RobotId("robot")),
    id=st.text("ab", min_size=1, max_size=3),
    sender=senders,
    room=rooms,
    content=contents,
    webhook=st.just(Webhook(url="https://oapi.dingtalk.com/x", expires_at=None)),
    received_at=st.just(NOON),
    authentic=st.booleans(),
)
policies = st.builds(
    AccessPolicy,
    open_rooms=st.frozensets(st.sampled_from([RoomKind.PRIVATE, RoomKind.GROUP])),
    denied_users=staff_sets,
    groups=st.builds(AllowList, st.frozensets(group_ids)),
    outgoing_groups=st.builds(AllowList, st.frozensets(group_ids)),
    users=st.builds(AllowList, staff_sets),
    admins=staff_sets,
    vips=staff_sets,
)
turns = st.builds(
    Turn,
    question=st.text("ab", max_size=3),
    answer=st.text("ab", max_size=3),
    tokens=st.integers(8, 60),
)
moments = st.integers(0, 3_000).map(lambda minutes: NOON + timedelta(minutes=minutes))


def message_saying(  # noqa: PLR0913 - everything a test may want to be otherwise
    text: str | None,
    *,
    sender: Sender | None = None,
    room: Room | None = None,
    quoted: str = "",
    authentic: bool = True,
    received_at: datetime = NOON,
    msg_id: str = "msg1",
) -> IncomingMessage:
    """A message by Zhang in a private chat, unless told otherwise."""
    return IncomingMessage(
        robot=RobotId("robot"),
        id=msg_id,
        sender=sender or Sender(staff_id=StaffId("zhang"), sender_id="$:zhang", nick="张三"),
        room=room or Room(kind=RoomKind.PRIVATE, id=GroupId("cidPrivate")),
        content=Content(
            kind=ContentKind.TEXT if text is not None else ContentKind.PICTURE,
            text=text,
            quoted=quoted,
        ),
        webhook=Webhook(
            url="https://oapi.dingtalk.com/robot/sendBySession?session=1", expires_at=None
        ),
        received_at=received_at,
        authentic=authentic,
    )
