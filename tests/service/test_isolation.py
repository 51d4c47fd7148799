"""Nothing that is said in one conversation reaches another: read off what the model is sent."""

import time
from collections.abc import Callable

from tests.service.neighbours import FakeModel
from tests.service.talk import OTHER_SECRET, People, Person, some_group

Configure = Callable[..., None]

PRIVATE = "我的工资是八千"


def test_what_was_said_in_private_reaches_nobody_else(
    people: People, model: FakeModel, configure: Configure
) -> None:
    configure(default_mode="串聊")
    zhang, li, group = people.stranger(), people.stranger(), some_group()
    zhang.ask(PRIVATE)
    before = len(model.calls)

    zhang.within(group).ask("在群里")
    zhang.within(some_group()).ask("在别的群里")
    li.within(group).ask("同一个群")
    li.ask("别人的私聊")
    zhang.with_robot(OTHER_SECRET).ask("别的机器人")
    li.bringing(senderNick=f"{zhang.staff_id} 同学").ask("同名的人")

    others = model.heard[before:]
    assert [len(messages) for messages in others[:5]] == [1] * 5
    assert PRIVATE not in str(others)


def test_in_a_group_everybody_has_a_talk_of_their_own(
    people: People, model: FakeModel, configure: Configure
) -> None:
    configure(default_mode="串聊")
    group = some_group()
    zhang, li = people.stranger().within(group), people.stranger().within(group)

    zhang.ask("张一")
    li.ask("李一")
    zhang.ask("张二")
    li.ask("李二")

    said = [[message["content"] for message in messages] for messages in model.heard]
    assert said[2] == ["张一", "echo 张一", "张二"]
    assert said[3] == ["李一", "echo 李一", "李二"]


def test_strangers_without_a_staff_id_are_told_apart_by_dingtalks_own_id(
    zhang: Person, model: FakeModel, configure: Configure
) -> None:
    configure(default_mode="串聊", max_request=5)
    nobody = zhang.within(some_group()).bringing(senderStaffId=None, senderNick="同名")

    nobody.bringing(senderId="$:one").ask("我是一")
    nobody.bringing(senderId="$:two").ask("我是二")

    assert model.heard[1] == [{"role": "user", "content": "我是二"}]
    assert "已提问 **1** 次" in nobody.bringing(senderId="$:one").ask("用量")


def test_mode_and_context_end_after_the_session_timeout(
    zhang: Person, model: FakeModel, configure: Configure
) -> None:
    zhang.ask("串聊")
    zhang.ask("一")
    zhang.ask("二")
    assert [message["content"] for message in model.heard[-1]] == ["一", "echo 一", "二"]

    configure(session_timeout="1s")
    time.sleep(1.1)
    zhang.ask("三")

    assert model.heard[-1] == [{"role": "user", "content": "三"}]
    assert "当前是单聊" in zhang.ask("用量")
