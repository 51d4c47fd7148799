"""So many questions a day: exactly, whatever happens at the same time."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.model_server import echo, status
from tests.service.neighbours import FakeModel, Gate
from tests.service.running import RunningService, eventually
from tests.service.talk import People, Person, some_group

Configure = Callable[..., None]

OF_ONE_PERSON = 4
"""Conversations of one person that are worked on at a time."""

USED_UP = re.compile(r"您今天的 \d+ 次提问已经用完，\d\d-\d\d 00:00 恢复")


def test_of_sixty_questions_at_once_exactly_as_many_are_answered_as_the_limit_says(
    zhang: Person, model: FakeModel, service: RunningService, configure: Configure
) -> None:
    configure(max_request=10)
    model.will(then=echo(chunks=1, delay=0.02))
    rooms = [zhang, *(zhang.within(some_group()) for _ in range(11))]

    with ThreadPoolExecutor(20) as crowd:
        said = list(crowd.map(lambda n: rooms[n % 12].say(f"第{n}问"), range(60)))
    replies = [one.reply() for one in said]

    assert len([reply for reply in replies if reply.startswith("echo 第")]) == 10
    assert len([reply for reply in replies if USED_UP.match(reply)]) == 50
    assert len([asked for asked in model.questions if asked.startswith("第")]) == 10
    assert charges_of(zhang, service) == 10
    assert "上限 10 次，还剩 **0** 次" in zhang.ask("用量")


def charges_of(person: Person, service: RunningService) -> object:
    ((count,),) = service.rows(
        "SELECT count(*) FROM charges WHERE user_key = ? AND refunded_at IS NULL",
        f"staff:{person.staff_id}",
    )
    return count


def test_a_message_that_comes_again_is_charged_once(zhang: Person, configure: Configure) -> None:
    configure(max_request=5)
    said = zhang.say("一")
    said.reply()

    assert zhang.post(said.body).status_code == 200
    assert zhang.post(said.body).status_code == 200

    assert "已提问 **1** 次" in zhang.ask("用量")
    assert len(said.tries()) == 1


def test_a_question_that_no_model_answered_is_given_back(
    zhang: Person, model: FakeModel, service: RunningService, configure: Configure
) -> None:
    configure(max_request=1)
    model.will(status(401))

    assert "没有计入次数" in zhang.ask("一")
    assert "已提问 **0** 次" in zhang.ask("用量")
    assert charges_of(zhang, service) == 0
    assert zhang.ask("二") == "echo 二"
    assert USED_UP.match(zhang.ask("三"))


@pytest.mark.parametrize(
    "text", ["帮助", "串聊", "单聊", "重置", "模板", "#周报", "用量", "群ID", "机密项目是什么"]
)
def test_commands_and_refusals_are_free(zhang: Person, configure: Configure, text: str) -> None:
    configure(max_request=1)

    zhang.ask(text)

    assert "已提问 **0** 次" in zhang.ask("用量")


def test_commands_are_heard_when_the_questions_are_used_up(
    zhang: Person, configure: Configure
) -> None:
    configure(max_request=1)
    zhang.ask("一")

    assert USED_UP.match(zhang.ask("二"))
    assert "`用量`" in zhang.ask("帮助")


@pytest.mark.parametrize("staff_id", ["vip", "boss"])
def test_vips_and_administrators_are_not_limited(
    people: People, configure: Configure, staff_id: str
) -> None:
    configure(max_request=1)
    someone = people.named(staff_id)

    assert [someone.ask(f"第{n}问") for n in range(3)] == [f"echo 第{n}问" for n in range(3)]
    assert "没有次数限制" in someone.ask("用量")


def test_a_limit_that_is_lowered_below_the_use_shows_nothing_below_zero(
    zhang: Person, configure: Configure
) -> None:
    configure(max_request=3)
    for text in ("一", "二", "三"):
        zhang.ask(text)

    configure(max_request=1)

    assert "上限 1 次，还剩 **0** 次" in zhang.ask("用量")
    assert USED_UP.match(zhang.ask("四"))


def test_templates_go_through_the_same_gate(zhang: Person, configure: Configure) -> None:
    configure(max_request=1)
    zhang.ask("#周报 写完了")

    assert USED_UP.match(zhang.ask("#周报 又写完了"))


def test_nobody_has_to_wait_for_somebody_with_many_questions(
    people: People, model: FakeModel
) -> None:
    gate = Gate("很多问题")
    model.will(then=gate.behave)
    busy, other = people.stranger(), people.stranger()
    many = [busy.within(some_group()).say("很多问题") for _ in range(12)]
    eventually(lambda: len(model.calls) == OF_ONE_PERSON)

    assert other.ask("一个问题") == "echo 一个问题"
    assert len(model.calls) == OF_ONE_PERSON + 1
    gate.is_open = True
    assert all(one.reply() for one in many)
