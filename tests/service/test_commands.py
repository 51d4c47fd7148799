"""What people type that is no question, as they see it."""

import html
from collections.abc import Callable

import pytest

from tests.service.neighbours import FakeModel
from tests.service.running import RunningService
from tests.service.talk import People, Person, some_group

Configure = Callable[..., None]


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "帮助", " 帮助\n"])
def test_help_is_shown(zhang: Person, model: FakeModel, text: str) -> None:
    reply = zhang.ask(text)

    assert "`串聊`" in reply
    assert "`用量`" in reply
    assert model.calls == []


def test_the_operators_own_help_text_takes_its_place(zhang: Person, configure: Configure) -> None:
    configure(help="请找 **前台**。")

    assert zhang.ask("帮助") == "请找 **前台**。"


def test_multi_turn_talk_brings_what_was_said_before(zhang: Person, model: FakeModel) -> None:
    switched = zhang.ask("串聊")
    zhang.ask("我叫小明")
    zhang.ask("我叫什么")

    assert "**串聊**" in switched
    assert "10 分钟" in switched
    assert model.heard[1] == [
        {"role": "user", "content": "我叫小明"},
        {"role": "assistant", "content": "echo 我叫小明"},
        {"role": "user", "content": "我叫什么"},
    ]


def test_single_turn_talk_brings_nothing(zhang: Person, model: FakeModel) -> None:
    zhang.ask("串聊")
    zhang.ask("一")
    assert "**单聊**" in zhang.ask("单聊")
    zhang.ask("二")

    assert [len(messages) for messages in model.heard] == [1, 1]


@pytest.mark.parametrize("word", ["重置", "退出", "结束"])
def test_a_conversation_can_be_begun_anew(zhang: Person, model: FakeModel, word: str) -> None:
    zhang.ask("串聊")
    zhang.ask("一")

    assert "默认的**单聊**" in zhang.ask(word)

    zhang.ask("二")
    zhang.ask("串聊")
    zhang.ask("三")
    assert [len(messages) for messages in model.heard] == [1, 1, 1]


def test_the_templates_are_listed(zhang: Person) -> None:
    reply = zhang.ask("模板")

    assert [title for title in ("#周报", "#前端", "#Linux命令") if title not in reply] == []


def test_a_title_alone_shows_the_template(zhang: Person, model: FakeModel) -> None:
    reply = zhang.ask("#周报")

    assert "请写一份周报：" in reply
    assert "。要简短。" in reply
    assert model.calls == []


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("#周报 修了登录页", "请写一份周报：修了登录页。要简短。"),
        ("#周报：修了登录页", "请写一份周报：修了登录页。要简短。"),
        ("#linux命令 看内存", "只回答一条命令：看内存"),
        ("#前端工程师 怎么学", "#前端工程师 怎么学"),
        ("#没有这个 怎么学", "#没有这个 怎么学"),
        ("#周报 帮助", "请写一份周报：帮助。要简短。"),
        ("请帮助我", "请帮助我"),
    ],
)
def test_a_title_with_words_is_a_question_in_the_templates_words(
    zhang: Person, model: FakeModel, text: str, question: str
) -> None:
    zhang.ask(text)

    assert model.questions == [question]


def test_a_command_that_a_model_wrote_or_somebody_quoted_is_not_obeyed(
    zhang: Person, model: FakeModel
) -> None:
    zhang.ask("串聊")
    quoting = {
        "content": "这是什么意思",
        "repliedMsg": {"msgType": "text", "content": {"text": "重置"}},
    }
    zhang.say("", text=quoting).reply()
    zhang.ask("重置一下路由器怎么做")

    assert model.questions[0] == "> 重置\n\n这是什么意思"
    assert len(model.heard[1]) == 3


def test_ones_own_use_is_told(zhang: Person, configure: Configure) -> None:
    configure(max_request=5)
    zhang.ask("一")
    zhang.ask("二")

    reply = zhang.ask("用量")

    assert "已提问 **2** 次，上限 5 次，还剩 **3** 次" in reply
    assert "00:00 重新计数" in reply


def test_the_size_of_a_running_talk_is_told(zhang: Person) -> None:
    zhang.ask("串聊")
    zhang.ask("一")

    assert "已有 1 轮" in zhang.ask("用量")


def test_an_administrator_sees_the_groups_id(people: People, service: RunningService) -> None:
    group = some_group()

    reply = people.named("boss").within(group).ask("群ID")

    assert f"`cid{group}`" in reply
    assert f"『{group}的群』" in html.unescape(reply)
    assert f"cid{group}" in {event["group_id"] for event in service.events("group_id_asked")}


def test_others_only_have_the_groups_id_logged(zhang: Person, service: RunningService) -> None:
    group = some_group()

    reply = zhang.within(group).ask("群ID")

    assert group not in reply
    assert f"cid{group}" in {event["group_id"] for event in service.events("group_id_asked")}


def test_the_groups_id_is_told_in_a_group_that_is_not_allowed_yet(
    zhang: Person, people: People, service: RunningService, configure: Configure
) -> None:
    configure(allow_groups=["cidSomeOther"], deny_users=[zhang.staff_id])
    group = some_group()

    assert "服务日志" in zhang.within(group).ask("群ID")
    assert f"cid{group}" in people.named("boss").within(group).ask("群ID")
    assert f"cid{group}" in {event["group_id"] for event in service.events("group_id_asked")}


def test_a_private_chat_has_no_group_id(people: People) -> None:
    assert "要在群里" in people.named("boss").ask("群ID")


def test_the_robot_speaks_english_where_the_operator_wants_it(
    zhang: Person, configure: Configure
) -> None:
    configure(language="en")

    assert "question" in zhang.ask("用量")
