"""Who may talk: the table, against an oracle that was written from the specification alone."""

from dataclasses import replace

import pytest
from hypothesis import given

from domain.access import AccessPolicy, AllowList, Refusal
from domain.message import GroupId, IncomingMessage, Room, RoomKind, Sender, StaffId
from tests.strategies import message_saying, messages, policies

GROUP = Room(kind=RoomKind.GROUP, id=GroupId("cidA"))
OUTSIDER = Sender(staff_id=None, sender_id="$:out", nick="zhang")
ZHANG = frozenset({StaffId("zhang")})


def oracle(policy: AccessPolicy, message: IncomingMessage) -> Refusal | None:
    """The table of the specification, row by row: chat type, deny list, group lists, user list."""
    person, room = message.sender.staff_id, message.room
    admin = message.authentic and person is not None and person in policy.admins
    group_list = policy.outgoing_groups if room.outgoing else policy.groups
    missing_group = Refusal.OUTGOING_GROUP_NOT_LISTED if room.outgoing else Refusal.GROUP_NOT_LISTED
    rows = [
        (Refusal.ROOM_KIND_CLOSED, room.kind not in policy.open_rooms),
        (Refusal.SENDER_DENIED, person is not None and person in policy.denied_users),
        (
            missing_group,
            not admin
            and (room.kind is RoomKind.GROUP or room.outgoing)
            and len(group_list.names) > 0
            and room.id not in group_list.names,
        ),
        (
            Refusal.SENDER_NOT_LISTED,
            not admin
            and len(policy.users.names) > 0
            and not (message.authentic and person in policy.users.names),
        ),
    ]
    return next((refusal for refusal, applies in rows if applies), None)


@given(policies, messages)
def test_the_policy_is_the_table(policy: AccessPolicy, message: IncomingMessage) -> None:
    assert policy.refusal_for(message) is oracle(policy, message)


@given(policies, messages)
def test_who_has_no_staff_id_has_no_privileges(
    policy: AccessPolicy, message: IncomingMessage
) -> None:
    if message.sender.staff_id is None or not message.authentic:
        assert not policy.is_admin(message)
        assert not policy.is_unlimited(message)


@given(policies, messages)
def test_administrators_and_vips_are_unlimited_and_nobody_else(
    policy: AccessPolicy, message: IncomingMessage
) -> None:
    listed = message.sender.staff_id in policy.admins or message.sender.staff_id in policy.vips

    assert policy.is_unlimited(message) == (message.authentic and listed)


def test_an_empty_policy_lets_everyone_in() -> None:
    assert AccessPolicy().refusal_for(message_saying("x")) is None
    assert AccessPolicy().refusal_for(message_saying("x", room=GROUP)) is None


def test_a_chat_that_is_neither_private_nor_a_group_is_closed() -> None:
    room = Room(kind=RoomKind.UNKNOWN, id=GroupId("cid"))

    refusal = AccessPolicy().refusal_for(message_saying("x", room=room))

    assert refusal is Refusal.ROOM_KIND_CLOSED


@pytest.mark.parametrize(
    ("outgoing", "refusal"),
    [(False, Refusal.GROUP_NOT_LISTED), (True, Refusal.OUTGOING_GROUP_NOT_LISTED)],
)
def test_each_kind_of_robot_has_a_list_of_groups_of_its_own(
    refusal: Refusal, *, outgoing: bool
) -> None:
    here, elsewhere = AllowList(frozenset({"cidA"})), AllowList(frozenset({"cidB"}))
    room = replace(GROUP, outgoing=outgoing)
    closed = AccessPolicy(groups=elsewhere, outgoing_groups=elsewhere)
    opened = AccessPolicy(
        groups=elsewhere if outgoing else here, outgoing_groups=here if outgoing else elsewhere
    )

    assert closed.refusal_for(message_saying("x", room=room)) is refusal
    assert opened.refusal_for(message_saying("x", room=room)) is None


@pytest.mark.parametrize("kind", RoomKind)
def test_an_outgoing_robot_is_held_to_its_list_whatever_chat_it_names(kind: RoomKind) -> None:
    policy = AccessPolicy(
        open_rooms=frozenset(RoomKind), outgoing_groups=AllowList(frozenset({"disabled"}))
    )
    room = replace(GROUP, kind=kind, outgoing=True)

    refusal = policy.refusal_for(message_saying("x", room=room))

    assert refusal is Refusal.OUTGOING_GROUP_NOT_LISTED


def test_a_staff_id_that_nobody_vouches_for_is_on_no_list_of_users() -> None:
    policy = AccessPolicy(users=AllowList(ZHANG))

    assert policy.refusal_for(message_saying("x")) is None
    claimed = replace(message_saying("x"), authentic=False)
    assert policy.refusal_for(claimed) is Refusal.SENDER_NOT_LISTED


def test_denial_beats_permission_and_privilege() -> None:
    policy = AccessPolicy(denied_users=ZHANG, users=AllowList(ZHANG), admins=ZHANG, vips=ZHANG)

    assert policy.refusal_for(message_saying("x")) is Refusal.SENDER_DENIED


def test_an_administrator_passes_the_lists_but_not_a_closed_chat() -> None:
    elsewhere = AllowList(frozenset({"cidB"}))
    policy = AccessPolicy(
        admins=ZHANG,
        groups=elsewhere,
        outgoing_groups=elsewhere,
        users=AllowList(frozenset({"li"})),
    )
    closed = AccessPolicy(admins=ZHANG, open_rooms=frozenset({RoomKind.PRIVATE}))

    assert policy.refusal_for(message_saying("x", room=GROUP)) is None
    assert closed.refusal_for(message_saying("x", room=GROUP)) is Refusal.ROOM_KIND_CLOSED


@pytest.mark.parametrize("nick", ["zhang", "ZHANG", "ｚｈａｎｇ", " zhang"])
def test_a_nickname_gives_no_rights(nick: str) -> None:
    sender = Sender(staff_id=None, sender_id="$:out", nick=nick)
    policy = AccessPolicy(users=AllowList(ZHANG), admins=ZHANG)

    assert policy.refusal_for(message_saying("x", sender=sender)) is Refusal.SENDER_NOT_LISTED


@pytest.mark.parametrize("staff_id", ["Zhang", " zhang", "zhang ", "ｚhang", "zh\u0430ng"])
def test_a_staff_id_is_compared_exactly(staff_id: str) -> None:
    sender = Sender(staff_id=StaffId(staff_id), sender_id="$:x", nick="n")

    assert not AccessPolicy(admins=ZHANG).is_admin(message_saying("x", sender=sender))


def test_the_key_of_a_person_is_the_staff_id_or_else_the_encrypted_id_never_the_nickname() -> None:
    member = Sender(staff_id=StaffId("zhang"), sender_id="$:1", nick="张三")
    renamed = Sender(staff_id=StaffId("zhang"), sender_id="$:2", nick="三张")

    assert member.key == renamed.key
    assert OUTSIDER.key == Sender(staff_id=None, sender_id="$:out", nick="other").key
    assert OUTSIDER.key != Sender(staff_id=StaffId("$:out"), sender_id="", nick="zhang").key


def test_conversations_are_apart_by_robot_room_and_person() -> None:
    here = message_saying("x")
    there = message_saying("x", room=GROUP)
    other = message_saying("x", sender=OUTSIDER)

    assert len({here.conversation, there.conversation, other.conversation}) == 3
