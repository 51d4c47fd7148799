"""`查对话` as administrators and all others see it."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import RunningService, eventually
from tests.service.talk import People, Person, some_group

USAGE = "### 查对话（仅管理员）"
NOBODY = "没有找到"
FORBIDDEN = "这个命令只有管理员可以使用。"
LINK = re.compile(r"\((http://history\.test/(?:history|download)/[^)]*)\)")
STAND_IN = re.compile(r"/(?:history|download)/([A-Za-z0-9_-]{43})")
TOKEN = re.compile(r"/(?:history|download)/([A-Za-z0-9_-]{43})(?:\?format=(?:md|csv))?$")


@pytest.fixture(scope="module")
def own_service(
    tmp_path_factory: pytest.TempPathFactory, shared_model: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    folder: Path = tmp_path_factory.mktemp("history")
    config = config_of(
        shared_model,
        dingtalk,
        admin_users=["boss", "deputy"],
        service_url="http://history.test",
        sensitive_words=["机密项目"],
    )
    with RunningService(folder=folder, config=config) as running:
        yield running


@pytest.fixture
def service(own_service: RunningService) -> RunningService:
    return own_service


@pytest.fixture
def boss(people: People) -> Person:
    return people.named("boss")


def links_in(reply: str) -> list[str]:
    return LINK.findall(reply)


def tokens_in(reply: str) -> list[str]:
    found = [TOKEN.search(address) for address in links_in(reply)]
    assert None not in found
    return [one[1] for one in found if one]


def known(person: Person, nick: str = "") -> Person:
    """The same person, by that nickname, who has asked something."""
    named = person.bringing(senderNick=nick) if nick else person
    named.ask("一加一？")
    return named


@pytest.mark.parametrize(
    "text",
    [
        "查对话",
        "#查对话",
        "#查对话 ",
        "#查对话 张三",
        "#查对话 username",
        "#查对话 username:",
        "#查对话 username：\u200b ",
        "#查对话 user:张三",
        "#查对话 usernames:张三",
        "#查对话 :张三",
        "#查对话 ?username=张三",
    ],
)
def test_without_a_name_the_usage_is_told(boss: Person, text: str) -> None:
    assert USAGE in boss.ask(text)


@pytest.mark.parametrize("colon", [":", "：", " : ", " ： "])
def test_a_person_is_found_by_nickname_and_by_staff_id(
    boss: Person, zhang: Person, colon: str
) -> None:
    known(zhang)

    for name in (zhang.staff_id, f"{zhang.staff_id} 同学"):
        reply = boss.ask(f"#查对话 username{colon}{name}")

        assert f"`{zhang.staff_id} 同学`" in reply
        assert f"工号 `{zhang.staff_id}`" in reply
        assert "共 1 条" in reply
        assert len(links_in(reply)) == 3


def test_a_person_is_found_by_a_nickname_of_before(boss: Person, zhang: Person) -> None:
    before, after = f"旧{zhang.staff_id}", f"新{zhang.staff_id}"
    known(zhang, before)
    known(zhang, after)

    reply = boss.ask(f"#查对话 username:{before}")

    assert f"`{after}`" in reply
    assert "共 2 条" in reply


def test_what_is_stored_until_a_reply_is_sent_opens_nothing(
    boss: Person, zhang: Person, service: RunningService
) -> None:
    known(zhang)
    nowhere = "http://127.0.0.1:1/nowhere"
    said = boss.message(f"#查对话 username:{zhang.staff_id}") | {"sessionWebhook": nowhere}
    assert boss.post(said).status_code == 200
    kept = "SELECT reply FROM messages WHERE msg_id = ? AND delivery = 'waiting'"
    eventually(lambda: service.rows(kept, said["msgId"]))

    ((stored,),) = service.rows(kept, said["msgId"])
    stand_ins = set(STAND_IN.findall(str(stored)))
    assert len(stand_ins) == 1
    assert {service.get(f"/history/{one}").status_code for one in stand_ins} == {404}

    service.restart()
    reply = boss.say("帮助").reply()
    tokens = set(tokens_in(reply))
    assert len(tokens) == 1
    assert not tokens & stand_ins
    assert [service.get(f"/history/{token}").status_code for token in tokens] == [200]
    assert [service.get(f"/history/{one}").status_code for one in stand_ins] == [404]


def test_namesakes_are_listed_apart(boss: Person, people: People) -> None:
    one, other = people.stranger(), people.stranger()
    name = f"重名{one.staff_id}"
    known(one, name)
    known(other, name)

    reply = boss.ask(f"#查对话 username:{name}")

    assert reply.index(f"`{other.staff_id}`") < reply.index(f"`{one.staff_id}`")
    assert len(set(tokens_in(reply))) == 2


def test_a_link_names_nobody_and_the_database_holds_no_token(
    boss: Person, zhang: Person, service: RunningService
) -> None:
    known(zhang)

    reply = boss.ask(f"#查对话 username:{zhang.staff_id}")

    (token,) = set(tokens_in(reply))
    assert zhang.staff_id not in "".join(links_in(reply))
    digests = {row[0] for row in service.rows("SELECT digest FROM history_links")}
    assert sha256(token.encode()).digest() in digests
    assert token not in service.said


@pytest.mark.parametrize(
    "name",
    [
        "%",
        "_",
        "%%",
        "user-%",
        "*",
        "' OR '1'='1",
        "'; DROP TABLE exchanges; --",
        "\\",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "{0.__class__}",
        "{nick}",
        "${jndi:ldap://x}",
        "username:boss",
        "同学",
        "张" * 3000,
        "\u202eboss",
    ],
)
def test_a_hostile_name_is_a_name_that_nobody_has(boss: Person, zhang: Person, name: str) -> None:
    known(zhang)

    reply = boss.ask(f"#查对话 username:{name}")

    assert NOBODY in reply
    assert links_in(reply) == []


@pytest.mark.parametrize(
    "nick", ["%", "_", "[点我](http://evil.test)", "**a**`b`", "@所有人", "{nick}", "a\nb", "' -- "]
)
def test_a_hostile_nickname_does_nothing_in_the_reply(
    boss: Person, zhang: Person, nick: str
) -> None:
    known(zhang, f"{zhang.staff_id}{nick}")

    reply = boss.ask(f"#查对话 username:{zhang.staff_id}")

    assert len(links_in(reply)) == len(re.findall(r"\]\(", re.sub(r"`[^`]*`", "", reply))) == 3
    assert "\n" not in re.findall(r"`([^`]*)`", reply)[0]


@pytest.mark.parametrize(
    "words", ["username:boss", "username:谁也不是", "username:", "", "乱写", "撤销", "revoke"]
)
def test_others_hear_one_refusal_that_tells_nothing(
    zhang: Person, service: RunningService, words: str
) -> None:
    text = f"#查对话 {words}".rstrip()

    said = zhang.say(text)

    assert said.reply() == FORBIDDEN
    assert said.decision() == ("refused", "not_administrator")
    assert zhang.within(some_group()).ask(text).startswith(FORBIDDEN)
    asked_by = {row[0] for row in service.rows("SELECT asked_by FROM history_links")}
    assert f"staff:{zhang.staff_id}" not in asked_by


def test_whoever_calls_himself_boss_is_none(zhang: Person) -> None:
    pretending = zhang.bringing(senderNick="boss", isAdmin=True)
    without_id = pretending.bringing(senderStaffId=None, senderId="boss")

    assert pretending.ask("#查对话 username:boss") == FORBIDDEN
    assert without_id.ask("#查对话 username:boss") == FORBIDDEN


def test_in_a_group_no_link_is_given_and_nothing_told(boss: Person, zhang: Person) -> None:
    known(zhang)
    group = some_group()

    replies = {
        boss.within(group).ask(f"#查对话 username:{name}") for name in (zhang.staff_id, "谁也不是")
    }

    assert len(replies) == 1
    assert "单独聊天" in replies.pop()


def test_revoking_ends_the_askers_own_links_and_says_how_many(
    boss: Person, people: People, zhang: Person
) -> None:
    deputy = people.named("deputy")
    known(zhang)
    boss.ask("#查对话 撤销")
    deputy.ask("#查对话 撤销")
    for asking in (boss, boss, deputy):
        asking.ask(f"#查对话 username:{zhang.staff_id}")

    assert "**2**" in boss.ask("#查对话 撤销")
    assert "没有仍然有效的链接" in boss.ask("#查对话 撤销")
    assert "**1**" in deputy.ask("#查对话 revoke")


def test_looking_up_costs_nothing_and_asks_no_model(boss: Person, model: FakeModel) -> None:
    before = boss.ask("用量")

    boss.ask("#查对话 username:boss")

    assert boss.ask("用量") == before
    assert model.calls == []


def test_a_quoted_command_is_not_obeyed(boss: Person, model: FakeModel) -> None:
    quoting = {
        "content": "这是什么意思",
        "repliedMsg": {"msgType": "text", "content": {"text": "#查对话 撤销"}},
    }

    boss.say("", text=quoting).reply()

    assert model.questions == ["> #查对话 撤销\n\n这是什么意思"]


def test_a_demoted_administrator_is_one_of_the_others(
    boss: Person, zhang: Person, service: RunningService
) -> None:
    known(zhang)
    service.configure(admin_users=["deputy"])

    refused = boss.ask(f"#查对话 username:{zhang.staff_id}")

    service.configure()
    assert refused == FORBIDDEN
    assert len(links_in(boss.ask(f"#查对话 username:{zhang.staff_id}"))) == 3


def test_without_service_url_the_operator_is_told_which_key_to_set(
    shared_service: RunningService, dingtalk: SimulatedDingTalk
) -> None:
    boss = Person(service=shared_service, dingtalk=dingtalk, staff_id="boss")

    assert "`service_url`" in boss.ask("#查对话 username:boss")
