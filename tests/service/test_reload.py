"""A new configuration takes the place of the old one while the service runs: wholly, or not at all."""

import signal
from collections.abc import Callable, Iterator

import pytest

from tests.service.neighbours import FakeModel, Gate
from tests.service.running import RunningService, eventually
from tests.service.talk import People, Person, session_of, some_group

Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def _as_it_was(service: RunningService) -> Iterator[None]:
    yield
    service.configure()


def test_a_changed_file_is_noticed(service: RunningService, zhang: Person) -> None:
    service.write(service.config | {"help": "新的帮助"})

    eventually(lambda: zhang.ask("帮助") == "新的帮助")


def test_a_signal_reloads_what_no_watcher_sees(service: RunningService, zhang: Person) -> None:
    elsewhere = service.folder.parent / "elsewhere.yml"
    service.configure(help="链接前")
    (service.folder / "config.yml").rename(elsewhere)
    (service.folder / "config.yml").symlink_to(elsewhere)
    elsewhere.write_text(
        elsewhere.read_text(encoding="utf-8").replace("链接前", "链接后"), encoding="utf-8"
    )

    service.send_signal(signal.SIGHUP)

    eventually(lambda: zhang.ask("帮助") == "链接后")


def test_a_waiting_question_is_judged_by_the_policy_of_its_turn(
    service: RunningService, zhang: Person, model: FakeModel
) -> None:
    gate = Gate()
    model.will(gate.behave)
    first, second = zhang.say("第一个"), zhang.say("第二个")
    eventually(lambda: model.calls)

    service.configure(deny_users=[zhang.staff_id])
    gate.is_open = True

    assert first.reply() == "echo 第一个"
    assert "停用" in second.reply()
    assert model.questions == ["第一个"]


def test_a_mistake_in_the_file_leaves_all_of_the_old_configuration_in_force(
    service: RunningService, zhang: Person
) -> None:
    service.configure(help="旧的帮助")
    broken = {"max_request": "10O", "help": "新的帮助", "deny_users": [zhang.staff_id]}
    before = len(service.events("configuration_not_reloaded"))

    service.write(service.config | broken)

    eventually(lambda: len(service.events("configuration_not_reloaded")) > before)
    assert zhang.ask("帮助") == "旧的帮助"
    shown = service.readiness()
    assert shown["ready"] is True
    assert "max_request" in str(shown["warnings"])
    told = service.events("configuration_not_reloaded")[-1]["mistake"]
    assert 'max_request: "10O" 不是整数' in str(told)


def test_readiness_names_the_keys_that_need_a_restart_until_they_are_as_they_were(
    service: RunningService,
) -> None:
    service.configure(model="another-model")
    assert service.readiness()["warnings"] == ["model takes effect after a restart"]

    service.configure()
    assert service.readiness()["warnings"] == []


def test_a_robot_whose_secret_is_taken_away_is_not_let_in_any_more(
    service: RunningService, people: People
) -> None:
    zhang = people.stranger()
    body = zhang.message("让我进去")

    service.configure(app_secrets=["a-new-secret-for-it"])

    assert zhang.post(body).status_code == 401


def test_a_file_that_goes_away_for_a_moment_does_no_harm(
    service: RunningService, zhang: Person
) -> None:
    service.configure(help="旧的帮助")
    before = len(service.events("configuration_not_reloaded"))

    (service.folder / "config.yml").unlink()

    eventually(lambda: len(service.events("configuration_not_reloaded")) > before)
    assert zhang.ask("帮助") == "旧的帮助"
    service.write(service.config | {"help": "新的帮助"})
    eventually(lambda: zhang.ask("帮助") == "新的帮助")


def test_reloading_again_and_again_under_load_drops_nothing(
    service: RunningService, people: People
) -> None:
    said = []
    for number in range(20):
        service.write(service.config | {"help": f"第{number}版", "max_request": number})
        service.send_signal(signal.SIGHUP)
        said.append(people.stranger().say(f"第{number}问"))

    assert [one.reply() for one in said] == [f"echo 第{number}问" for number in range(20)]


def test_a_word_list_with_an_error_leaves_the_old_one_in_force(
    service: RunningService, zhang: Person
) -> None:
    words = service.folder / "words.txt"
    words.write_text("# 一行一个\n\n暗号甲\r\n", encoding="utf-8")
    service.configure(sensitive_words_file="words.txt")
    assert "不便讨论" in zhang.ask("暗号甲是什么")
    before = len(service.events("configuration_not_reloaded"))

    words.write_bytes("暗号乙".encode("gbk"))

    eventually(lambda: len(service.events("configuration_not_reloaded")) > before)
    assert "不便讨论" in zhang.ask("暗号甲是什么")
    assert service.readiness()["warnings"] != []
    assert "words.txt" in str(service.events("configuration_not_reloaded")[-1]["mistake"])


def test_without_any_secret_this_machine_alone_is_heard_and_nobody_is_administrator(
    service: RunningService, people: People
) -> None:
    service.write({key: value for key, value in service.config.items() if key != "app_secrets"})
    service.send_signal(signal.SIGHUP)
    eventually(lambda: service.post({}, {}).status_code == 400)
    boss = people.named("boss").within(some_group())

    heard, forwarded = boss.message("群ID"), boss.message("群ID")

    assert service.post(heard, {}).status_code == 200
    assert service.post(forwarded, {"x-forwarded-for": "203.0.113.7"}).status_code == 401
    eventually(lambda: people.dingtalk.tries(session_of(heard)))
    assert "服务日志" in people.dingtalk.tries(session_of(heard))[0].text()
    assert people.dingtalk.tries(session_of(forwarded)) == []
    assert service.events("unsigned_callback_refused")
