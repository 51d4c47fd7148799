"""What the configuration's keys mean."""

from datetime import timedelta

import pytest

from adapters.dingtalk.markdown.links import is_image
from application.wording import CHINESE, ENGLISH
from domain.command import Mode
from domain.message import RoomKind
from entrypoints.rules import image_hosts, robots, rulebook
from entrypoints.settings import Loaded, load
from tests.strategies import find_by_looking


def loaded(**variables: str) -> Loaded:
    return load(environment={"APIKEY": "sk-1", "MODEL": "m", **variables})


@pytest.mark.parametrize(
    ("chat_type", "open_rooms"),
    [
        ("0", {RoomKind.PRIVATE, RoomKind.GROUP}),
        ("1", {RoomKind.PRIVATE}),
        ("2", {RoomKind.GROUP}),
    ],
)
def test_the_chat_type_opens_rooms(chat_type: str, open_rooms: set[RoomKind]) -> None:
    rules = rulebook(loaded(CHAT_TYPE=chat_type), find_by_looking)

    assert rules.access.open_rooms == open_rooms


def test_every_list_gets_its_place() -> None:
    rules = rulebook(
        loaded(
            ALLOW_GROUPS="g1,g2",
            ALLOW_OUTGOING_GROUPS="o1",
            ALLOW_USERS="u1",
            DENY_USERS="d1",
            VIP_USERS="v1",
            ADMIN_USERS="a1",
        ),
        find_by_looking,
    )

    assert rules.access.groups.names == {"g1", "g2"}
    assert rules.access.outgoing_groups.names == {"o1"}
    assert rules.access.users.names == {"u1"}
    assert rules.access.denied_users == {"d1"}
    assert rules.access.vips == {"v1"}
    assert rules.access.admins == {"a1"}


def test_numbers_and_modes_get_their_place() -> None:
    rules = rulebook(
        loaded(
            MAX_REQUEST="7",
            MAX_QUESTION_LEN="1",
            MAX_ANSWER_LEN="2",
            MAX_TEXT="3",
            DEFAULT_MODE="串聊",
            SESSION_TIMEOUT="5m",
            SYSTEM_PROMPT="你是助手",
            TIMEZONE="UTC",
        ),
        find_by_looking,
    )

    assert rules.quota.limit == 7
    assert str(rules.quota.zone) == "UTC"
    assert (rules.budget.question, rules.budget.answer, rules.budget.text) == (1, 2, 3)
    assert rules.default_mode is Mode.MULTI_TURN
    assert rules.session_timeout == timedelta(minutes=5)
    assert rules.system_prompt == "你是助手"


def test_no_limit_is_written_as_zero() -> None:
    assert rulebook(loaded(MAX_REQUEST="0"), find_by_looking).quota.limit is None


def test_the_language_chooses_the_sentences_and_the_operator_the_help() -> None:
    assert rulebook(loaded(IMAGE_MODEL="m"), find_by_looking).help == CHINESE.help
    assert rulebook(loaded(LANGUAGE="en"), find_by_looking).wording is ENGLISH
    assert rulebook(loaded(HELP="自己写的"), find_by_looking).help == "自己写的"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_help_says_nothing_of_pictures_where_none_are_made(language: str) -> None:
    with_pictures = rulebook(loaded(LANGUAGE=language, IMAGE_MODEL="m"), find_by_looking)
    without = rulebook(loaded(LANGUAGE=language), find_by_looking)

    assert (with_pictures.draws, without.draws) == (True, False)
    assert "#图片" in with_pictures.help
    assert "图片" not in without.help
    assert "`用量`" in without.help
    assert "\n\n\n" not in without.help


def test_sensitive_words_are_those_of_the_configuration() -> None:
    assert rulebook(loaded(SENSITIVE_WORDS="机密, ,"), find_by_looking).sensitive_words.found_in(
        "机密"
    )


def test_a_credential_names_its_robot_and_a_bare_secret_gets_a_name() -> None:
    both = robots(
        loaded(DINGTALK_CREDENTIALS="dingid:secret-1", APP_SECRETS="secret-1,secret-2").settings
    )

    assert [robot.secret for robot in both.robots] == ["secret-1", "secret-2"]
    assert both.robots[0].id == "dingid"
    assert "secret-2" not in both.robots[1].id


def test_the_name_of_a_bare_secret_does_not_depend_on_its_place() -> None:
    first = robots(loaded(APP_SECRETS="secret-1,secret-2").settings).robots
    second = robots(loaded(APP_SECRETS="secret-2,secret-1").settings).robots

    assert set(first) == set(second)


def test_nothing_configured_is_no_robot() -> None:
    assert robots(loaded().settings).is_empty
    assert not robots(loaded(OUTGOING_TOKENS="token-1").settings).is_empty


@pytest.mark.parametrize(
    ("service_url", "picture"),
    [
        ("https://Bot.Example.com", "https://bot.example.com/1.png"),
        ("https://bot.example.com:443", "https://bot.example.com/1.png"),
        ("https://bot.example.com", "https://bot.example.com:443/1.png"),
        ("http://1.2.3.4:8090", "http://1.2.3.4:8090/1.png"),
    ],
)
def test_a_reply_shows_the_pictures_of_this_service(service_url: str, picture: str) -> None:
    hosts = image_hosts(loaded(SERVICE_URL=service_url).settings)

    assert is_image(picture, hosts)


@pytest.mark.parametrize("service_url", ["", "http://1.2.3.4:8090", "https://1.2.3.4.example"])
def test_a_reply_shows_nobody_elses_pictures(service_url: str) -> None:
    hosts = image_hosts(loaded(SERVICE_URL=service_url).settings)

    assert not is_image("http://1.2.3.4/1.png", hosts)
    assert not is_image("http:///1.png", hosts)
