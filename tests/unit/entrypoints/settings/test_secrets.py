"""Placeholders are refused, real secrets are not, and none is ever printed."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrypoints.cli.check_config import report
from entrypoints.settings import ConfigurationError, Secret, load
from entrypoints.settings.addresses import database
from entrypoints.settings.reading.mistakes import Place
from entrypoints.settings.reading.yaml_text import ScalarNode
from entrypoints.settings.secrets import unfitness
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

PLACEHOLDERS = [
    "xxx",
    "XXXXXXXX",
    "xxxxxxxxx",
    "yyy",
    "sk-xxx",
    "sk-xxxx-xxxx",
    "****",
    "...",
    "your_api_key",
    "YOUR-API-KEY",
    "sk-your-key",
    "your_openai_key_here",
    "changeme",
    "change-me",
    "<key>",
    "<your-secret>",
    "${APIKEY}",
    "{{key}}",
    "$APIKEY",
    "换成你的key",
    "你的密钥",
    "put-your-client-secret-here",
    "app_secret",
    "api_key",
    "sk-",
    "insert_token_here",
]

REAL = [
    "sk-proj-AbC_dEf-123",
    "sk-xyz123",
    "EMPTY",
    "ollama",
    "none",
    "1234",
    "sk-no-key-required",
    "secret",
    "yourX9kQ2",
    "Xx1XxXx",
    "a8-Fz_q1",
    "putty-9281",
    "keyboard",
    "$2b$10$abc",
    "test-secret",
    "my-secret",
    "0000000000000000000000000000000000000000000000000000000000000000",
]


@pytest.mark.parametrize("text", [*PLACEHOLDERS, "", "  ", "two words"])
def test_a_placeholder_is_no_secret(text: str) -> None:
    problem = unfitness(text)

    assert problem
    assert not text.strip() or text not in str(problem)


@pytest.mark.parametrize("text", REAL)
def test_what_may_be_a_real_secret_is_taken(text: str) -> None:
    assert unfitness(text) is None


@pytest.mark.parametrize("key", ["app_secrets", "outgoing_tokens"])
def test_a_list_of_secrets_refuses_blanks_and_placeholders(key: str) -> None:
    lines = mistakes_in(f"{key}: [good1, ' ', changeme]")

    assert [line.split(" is ")[0] for line in lines] == [
        f"config.yml:1: {key}[1]:",
        f"config.yml:1: {key}[2]:",
    ]


def test_the_flat_key_is_judged_only_where_it_is_used() -> None:
    providers = "providers: [{name: a, kind: demo}]\napi_key: xxxx"

    assert mistakes_in(providers, APIKEY="") == []
    assert "placeholder" in mistakes_in("api_key: xxxx", APIKEY="")[0]


def test_a_secret_shows_only_its_mask() -> None:
    secret = Secret("canary")

    assert "canary" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "canary"
    assert (secret == Secret("canary"), secret == Secret("other")) == (True, False)
    assert not hasattr(secret, "__dict__")


# Signs that occur nowhere in what is printed: harmless ones, or those that have a meaning in a URL.
secrets = st.sampled_from(["QZ~^+=&", "QZ~:/?#@%"]).flatmap(
    lambda signs: st.lists(
        st.text(signs, min_size=3, max_size=9).map(lambda text: f"Q{text}Z"),
        min_size=10,
        max_size=10,
    )
)

TEMPLATE = """
api_key: '{0}'
app_secrets: ['{1}']
outgoing_tokens: ['{2}']
credentials: [{{client_id: ding1, client_secret: '{3}'}}]
azure_openai_token: '{4}'
providers:
  - {{name: one, kind: openai, api_key: '{5}', proxy: 'http://user:{6}@proxy'}}
http_proxy: 'socks5://{7}@proxy:1080'
database_url: 'postgresql+asyncpg://user:{8}@host/name?password={9}'
"""


@settings(max_examples=150)
@given(secrets, st.sampled_from(["", "\nport: x\n", "\n- ["]))
def test_no_secret_is_ever_printed(canaries: list[str], breakage: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "config.yml"
        file.write_text(TEMPLATE.format(*canaries) + breakage, encoding="utf-8")
        try:
            found = load(file, environment={})
            printed = "\n".join(report(found)) + repr(found) + str(found.settings)
        except ConfigurationError as error:
            printed = f"{error} {error!r}"

    for canary in canaries:
        assert canary not in printed
        assert not any(piece in printed for piece in pieces_of(canary))


def pieces_of(canary: str) -> list[str]:
    """The parts that a wrong guess about the end of a password would show."""
    for mark in ":/?#@":
        canary = canary.replace(mark, " ")
    return [piece for piece in canary.split() if len(piece) >= 3]


@pytest.mark.parametrize(
    "line",
    [
        "http_proxy: 'http:/user:canary@h'",
        "http_proxy: '1.2.3.4:8080:user:canary'",
        "http_proxy: 'socks4://user:ca@nary-canary@h'",
        "base_url: 'https://user:canary@h'",
        "base_url: 'https://h/v1?key=canary'",
        "database_url: 'mysql://u:canary@h/d'",
        "database_url: 'canary'",
        "app_secrets: 'canary'",
        "app_secrets: [[canary]]",
        "credentials: {d1: canary}",
        "credentials: ['d1:canary']",
        "api_key: *canary",
        "api_key: !canary x",
        "api_key: 'canary",
        "api_key:canary",
    ],
)
def test_a_mistake_about_a_secret_does_not_quote_it(line: str) -> None:
    mistakes = mistakes_in(line)

    assert mistakes
    assert not any("canary" in mistake for mistake in mistakes)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("postgresql+asyncpg://u:canary@h:5432/d", "postgresql+asyncpg://••••@h:5432/d"),
        ("postgresql+asyncpg://u:x@canary@h/d", "postgresql+asyncpg://••••@h/d"),
        ("postgresql+asyncpg://u:canary/x@h/d", "postgresql+asyncpg://••••"),
        ("postgresql+asyncpg://u:canary?x@h/d", "postgresql+asyncpg://••••"),
        ("postgresql+asyncpg://u:canary#x@h/d", "postgresql+asyncpg://••••"),
        ("postgresql+asyncpg://h/d?password=canary", "postgresql+asyncpg://h/d?••••"),
        ("sqlite:////srv/bot.db", "sqlite:////srv/bot.db"),
    ],
)
def test_a_database_is_shown_without_anything_that_may_be_its_password(
    typed: str, shown: str
) -> None:
    address = ScalarNode(text=typed, place=Place(source="here"))

    assert str(database.parse(address, "database_url")) == shown


def test_passwords_survive_in_what_is_used() -> None:
    found = loaded("http_proxy: http://user:p%40ss@h:1/\n").settings.http_proxy

    assert found is not None
    assert found.reveal() == "http://user:p%40ss@h:1"
    assert str(found) == "http://••••@h:1"
