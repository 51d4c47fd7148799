"""Environment over file over defaults, and what the operator typed stays what was typed."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.command import Mode
from entrypoints.settings import Secret, Settings, changed_keys_needing_restart, load
from entrypoints.settings.display import shown
from entrypoints.settings.reading.mistakes import Place
from entrypoints.settings.reading.readers import duration
from entrypoints.settings.reading.structures import keys_of
from entrypoints.settings.reading.yaml_text import ScalarNode
from tests.unit.entrypoints.settings.configurations import KEY, MODEL, loaded


def test_the_environment_beats_the_file_and_the_file_beats_the_default() -> None:
    found = loaded("model: from-file\nmax_request: 3\n", MODEL="from-environment")

    assert found.settings.model == "from-environment"
    assert found.settings.max_request == 3
    assert found.settings.max_question_len == 4096


def test_each_value_tells_where_it_came_from() -> None:
    origins = loaded("\nmax_request:\n  3\n", MODEL="m").origins

    assert origins["max_request"] == "config.yml:2"
    assert origins["model"] == "environment MODEL"
    assert origins["max_text"] == "default"
    assert set(origins) == set(Settings.__struct_fields__)


def test_an_empty_variable_sets_nothing() -> None:
    assert loaded("model: from-file\n", MODEL="").settings.model == "from-file"


def test_a_key_without_a_value_or_with_an_empty_text_keeps_its_default() -> None:
    found = loaded('max_request:\nbase_url: ""\nhelp: ~\nport: "8091"\n')

    assert (found.settings.max_request, found.settings.base_url) == (0, None)
    assert found.origins["base_url"] == "default"
    assert found.settings.port == 8091


def test_a_value_in_the_file_is_not_judged_when_the_environment_replaces_it() -> None:
    assert loaded("api_key: xxxxxxxx\n").settings.api_key == Secret(KEY)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n"])
def test_an_empty_file_is_all_defaults(text: str) -> None:
    assert loaded(text).settings == Settings(api_key=Secret(KEY), model=MODEL)


def test_without_any_file_environment_and_defaults_are_enough() -> None:
    found = load(environment={"APIKEY": KEY, "MODEL": MODEL})

    assert found.file is None
    assert found.settings == Settings(api_key=Secret(KEY), model=MODEL)


def test_the_file_given_beats_the_variable_and_the_variable_beats_the_usual_place() -> None:
    for name in ("config", "named", "given"):
        Path(f"{name}.yml").write_text(f"model: {name}\n", encoding="utf-8")
    named = {"APIKEY": KEY, "CONFIG_FILE": "named.yml"}

    assert load(environment={"APIKEY": KEY}).settings.model == "config"
    assert load(environment=named).settings.model == "named"
    assert load(Path("given.yml"), environment=named).settings.model == "given"


def test_ids_stay_the_text_that_was_typed() -> None:
    users = "allow_users: [0123, 1301691029702722, 0o17, 1e3, no, 12:30, 2024-01-02, ' a ', '', ~]"

    assert loaded(users).settings.allow_users == (
        *("0123", "1301691029702722", "0o17", "1e3", "no", "12:30", "2024-01-02", "a"),
    )


def test_lists_in_the_environment_are_split_at_commas_trimmed_and_freed_of_blanks() -> None:
    settings = loaded("", ALLOW_USERS=" a, b ,,c,", APP_SECRETS="s1e,,s2e").settings

    assert settings.allow_users == ("a", "b", "c")
    assert [secret.reveal() for secret in settings.app_secrets] == ["s1e", "s2e"]


@pytest.mark.parametrize("typed", ["yes", "on", "true", "True", '"true"'])
def test_a_switch_takes_every_word_of_yaml_for_true(typed: str) -> None:
    assert loaded(f"allow_unsigned: {typed}").settings.allow_unsigned


@pytest.mark.parametrize(("typed", "meant"), [("1", True), ("0", False), ("FALSE", False)])
def test_a_switch_in_the_environment_may_be_a_number(typed: str, meant: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert loaded("allow_unsigned: no", ALLOW_UNSIGNED=typed).settings.allow_unsigned is meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("600", timedelta(minutes=10)),
        ('"600"', timedelta(minutes=10)),
        ("600s", timedelta(minutes=10)),
        ("10m", timedelta(minutes=10)),
        ("1h", timedelta(hours=1)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_duration_is_seconds_or_has_a_unit(typed: str, meant: timedelta) -> None:
    assert loaded(f"session_timeout: {typed}").settings.session_timeout == meant


@given(st.integers(min_value=1, max_value=3650 * 86400))
def test_a_duration_that_was_shown_reads_back_as_itself(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    node = ScalarNode(text=shown(length), place=Place(source="test"))

    assert duration.parse(node, "") == length


def test_a_line_break_of_the_help_text_can_be_typed_in_the_environment() -> None:
    assert loaded("", HELP=r"欢迎\n\n再见").settings.help == "欢迎\n\n再见"
    assert loaded(r"help: 'a\nb'").settings.help == r"a\nb"


@pytest.mark.parametrize(
    ("variable", "language"),
    [("zh", "en"), ("en", "zh")],
)
def test_a_language_in_the_environment_is_one_of_ours_to_the_letter(
    variable: str, language: str
) -> None:
    found = loaded(f"language: {language}", LANGUAGE=variable)

    assert found.settings.language == variable


@pytest.mark.parametrize("variable", ["en_US:en", "en_US.UTF-8", "EN", "en:zh", "de", "C"])
def test_a_desktops_language_leaves_the_files_choice_alone(variable: str) -> None:
    found = loaded("language: zh", LANGUAGE=variable)

    assert (found.settings.language, found.origins["language"]) == ("zh", "config.yml:1")


def test_texts_become_typed_values() -> None:
    settings = loaded(
        "default_mode: 串聊\ntimezone: UTC\ndata_dir: /srv/x\ntemperature: 0.7"
    ).settings

    assert settings.default_mode is Mode.MULTI_TURN
    assert settings.timezone == ZoneInfo("UTC")
    assert settings.data_dir == Path("/srv/x")
    assert settings.temperature == 0.7


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://h", "https://h/v1"),
        ("https://h/", "https://h/v1"),
        ("https://h/v1", "https://h/v1"),
        ("https://h/v1/", "https://h/v1"),
        ("http://h:3000/openai", "http://h:3000/openai/v1"),
        ("https://h/api/paas/v4", "https://h/api/paas/v4"),
        ("https://h/v1beta/openai/", "https://h/v1beta/openai"),
        ('""', "https://api.openai.com/v1"),
    ],
)
def test_the_address_of_the_api_is_the_same_with_and_without_its_version(
    typed: str, address: str
) -> None:
    (provider,) = loaded(f"base_url: {typed}").settings.effective_providers

    assert provider.base_url == address


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://OAPI.dingtalk.com/", "https://oapi.dingtalk.com"),
        ("https://h:443", "https://h"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("'http://[::1]:8080'", "http://[::1]:8080"),
    ],
)
def test_an_origin_has_one_spelling(typed: str, origin: str) -> None:
    assert loaded(f"webhook_hosts: [{typed}]").settings.webhook_hosts == (origin,)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///data/a.db",
        "sqlite+aiosqlite:///data/a.db",
        "postgresql://u:p:q@h:5432/d",
        "postgresql://u:p/q@[::1]:5432/d?sslmode=verify-full",
        "postgresql:///d?host=/run/postgresql&user=u",
        "postgres://h",
    ],
)
def test_databases_that_can_be_used_are_taken_as_they_are(url: str) -> None:
    database = loaded(f'database_url: "{url}"').settings.database_url

    assert database is not None
    assert database.reveal() == url


def test_words_of_key_and_file_come_together_without_comments_and_blanks() -> None:
    Path("words.txt").write_text("\ufeff# ours\n 坏词 \n\nbad\n", encoding="utf-8")

    found = loaded("sensitive_words: [丑, ' ', bad]\nsensitive_words_file: words.txt")

    assert found.sensitive_words == ("丑", "bad", "坏词")


def test_only_keys_that_are_read_at_the_start_need_a_restart() -> None:
    old = Settings(max_request=1, port=1, model="a", app_secrets=(Secret("s1"),))
    new = Settings(max_request=2, port=2, model="a", app_secrets=(Secret("s2"),))

    assert changed_keys_needing_restart(old, new) == ("port",)
    assert changed_keys_needing_restart(old, old) == ()


def test_the_keys_that_a_reload_changes_are_the_documented_ones() -> None:
    live = {key.name for key in keys_of(Settings).values() if key.live}

    assert live == {
        "allow_groups",
        "allow_outgoing_groups",
        "allow_users",
        "deny_users",
        "vip_users",
        "admin_users",
        "chat_type",
        "app_secrets",
        "credentials",
        "outgoing_tokens",
        "allow_unsigned",
        "signature_tolerance",
        "max_request",
        "timezone",
        "max_question_len",
        "max_answer_len",
        "max_text",
        "show_reasoning",
        "fallback_on_declined",
        "prices",
        "retention_days",
        "default_mode",
        "session_timeout",
        "sensitive_words",
        "sensitive_words_file",
        "prompt_file",
        "system_prompt",
        "help",
        "language",
        "log_level",
    }
