"""Who may talk to the robot and where, seen from the chat."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.service.neighbours import FakeModel
from tests.service.running import RunningService
from tests.service.talk import People, Person, some_group

Configure = Callable[..., None]

NOT_HERE = "没有开放这种聊天方式"
DENIED = "已被管理员停用"
NO_GROUP = "这个群还没有开通机器人"
NO_OUTGOING = "没有开通 Outgoing 机器人"
NO_USER = "没有使用机器人的权限"
ANSWERED = "echo 你好"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A configuration, who says hello where, and what comes back. `me` stands for the speaker."""

    config: dict[str, object]
    who: str = "me"
    group: str = ""
    fields: dict[str, object] = field(default_factory=dict)
    hears: str


OUTGOING: dict[str, object] = {"robotCode": "normal", "senderStaffId": None}
ROWS = {
    "denied": Row(config={"deny_users": ["me"]}, hears=DENIED),
    "denied beats allowed, VIP and administrator": Row(
        config={name: ["me"] for name in ("deny_users", "allow_users", "vip_users", "admin_users")},
        hears=DENIED,
    ),
    "on the list": Row(config={"allow_users": ["me"]}, hears=ANSWERED),
    "not on the list": Row(config={"allow_users": ["other"]}, hears=NO_USER),
    "a VIP is not on the list": Row(
        config={"allow_users": ["other"], "vip_users": ["me"]}, hears=NO_USER
    ),
    "an administrator passes the list": Row(
        config={"allow_users": ["other"], "admin_users": ["me"]}, hears=ANSWERED
    ),
    "the id in other letters is another id": Row(
        config={"allow_users": ["Boss", "boss2"]}, who="BOSS", hears=NO_USER
    ),
    "group on the list": Row(config={"allow_groups": ["cidG"]}, group="G", hears=ANSWERED),
    "group not on the list": Row(config={"allow_groups": ["cidH"]}, group="G", hears=NO_GROUP),
    "the list of groups leaves private chats alone": Row(
        config={"allow_groups": ["cidH"]}, hears=ANSWERED
    ),
    "an administrator passes the list of groups": Row(
        config={"allow_groups": ["cidH"], "admin_users": ["me"]}, group="G", hears=ANSWERED
    ),
    "the group is allowed, the person is not": Row(
        config={"allow_groups": ["cidG"], "allow_users": ["other"]}, group="G", hears=NO_USER
    ),
    "the person is allowed, the group is not": Row(
        config={"allow_groups": ["cidH"], "allow_users": ["me"]}, group="G", hears=NO_GROUP
    ),
    "an outgoing robot, and nobody said anything": Row(
        config={}, group="G", fields=OUTGOING, hears=ANSWERED
    ),
    "an outgoing robot where they are disabled": Row(
        config={"allow_outgoing_groups": ["disabled"]},
        group="G",
        fields=OUTGOING,
        hears=NO_OUTGOING,
    ),
    "an outgoing robot that says it is in a private chat": Row(
        config={"allow_outgoing_groups": ["disabled"]},
        fields=OUTGOING | {"conversationType": "1"},
        hears=NO_OUTGOING,
    ),
    "an outgoing robot where only private chats are open": Row(
        config={"chat_type": "1"}, fields=OUTGOING | {"conversationType": "1"}, hears=NOT_HERE
    ),
    "an outgoing robot in its group": Row(
        config={"allow_outgoing_groups": ["cidG"], "allow_groups": ["cidH"]},
        group="G",
        fields=OUTGOING,
        hears=ANSWERED,
    ),
    "the other list does not help an outgoing robot": Row(
        config={"allow_outgoing_groups": ["disabled"], "allow_groups": ["cidG"]},
        group="G",
        fields=OUTGOING,
        hears=NO_OUTGOING,
    ),
    "a stranger without staff id where all may talk": Row(
        config={}, group="G", fields={"senderStaffId": None}, hears=ANSWERED
    ),
    "a stranger without staff id where some may talk": Row(
        config={"allow_users": ["me"]}, group="G", fields={"senderStaffId": None}, hears=NO_USER
    ),
    "a stranger who calls himself an administrator": Row(
        config={"allow_users": ["other"]},
        group="G",
        fields={"senderStaffId": "", "senderNick": "boss", "isAdmin": True},
        hears=NO_USER,
    ),
    "private only, in private": Row(config={"chat_type": "1"}, hears=ANSWERED),
    "private only, in a group": Row(config={"chat_type": "1"}, group="G", hears=NOT_HERE),
    "groups only, in a group": Row(config={"chat_type": "2"}, group="G", hears=ANSWERED),
    "groups only, in private": Row(config={"chat_type": "2"}, hears=NOT_HERE),
    "groups only binds administrators": Row(
        config={"chat_type": "2", "admin_users": ["me"]}, hears=NOT_HERE
    ),
    "a kind of chat nobody knows": Row(config={}, fields={"conversationType": "3"}, hears=NOT_HERE),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_the_policy_decides_who_is_answered(
    people: People, model: FakeModel, service: RunningService, configure: Configure, row: Row
) -> None:
    me = people.named(row.who) if row.who != "me" else people.stranger()
    groups = {"cidG": f"cid{(group := some_group())}"}
    configure(**{key: _named(value, me, groups) for key, value in row.config.items()})
    speaker = (me.within(group) if row.group else me).bringing(**row.fields)

    said = speaker.say("你好")

    assert row.hears in said.reply()
    is_answered = row.hears == ANSWERED
    assert len(model.calls) == is_answered
    ((state, charges),) = service.rows(
        "SELECT state, (SELECT count(*) FROM charges WHERE message = messages.id)"
        " FROM messages WHERE msg_id = ?",
        said.msg_id,
    )
    assert charges == is_answered
    assert state in ({"answered", "delivered"} if is_answered else {"refused"})


def _named(value: object, me: Person, groups: dict[str, str]) -> object:
    if not isinstance(value, list):
        return value
    names = {"me": me.staff_id, **groups}
    return [names.get(one, one) for one in value]


def test_a_refusal_is_said_once_a_minute_in_a_conversation(
    zhang: Person, model: FakeModel, configure: Configure
) -> None:
    configure(deny_users=[zhang.staff_id])

    first, second = zhang.say("让我说"), zhang.say("让我说！")
    elsewhere = zhang.within(some_group()).say("让我说！！")

    assert DENIED in first.reply()
    assert DENIED in elsewhere.reply()
    assert second.decision() == ("refused", "sender_denied")
    assert second.tries() == []
    assert model.calls == []


def test_the_command_that_a_refusal_recommends_is_answered_at_once(
    zhang: Person, configure: Configure, service: RunningService
) -> None:
    group = some_group()
    configure(allow_groups=["cidElsewhere"])
    there = zhang.within(group)

    refused = there.say("你好").reply()
    answers = [there.say("群ID").reply() for _ in range(2)]

    assert NO_GROUP in refused
    assert all("服务日志" in answer for answer in answers)
    asked = service.events("group_id_asked")
    logged = [line for line in asked if line["group_id"] == f"cid{group}"]
    assert len(logged) == 2


def test_who_is_let_in_again_is_answered_at_once(zhang: Person, configure: Configure) -> None:
    configure(deny_users=[zhang.staff_id])
    assert DENIED in zhang.ask("你好")

    configure()

    assert zhang.ask("你好") == ANSWERED
