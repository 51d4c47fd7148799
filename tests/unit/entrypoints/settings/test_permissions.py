"""Secrets and sensitive words that everybody may read are one warning, with the command that ends it."""

import shlex
import subprocess
from pathlib import Path

import pytest

from entrypoints.settings import Loaded
from entrypoints.settings.notes import warnings_on
from entrypoints.settings.permissions import warning_on_readers
from tests.unit.entrypoints.settings.configurations import loaded

WORDS = Path("word list.txt")
NAMED = f"sensitive_words_file: {WORDS}\n"
SECRETS = (
    "api_key: sk-a1b2c3d4",
    "app_secrets: [a1b2c3d4e5]",
    "credentials: [{client_id: ding1, client_secret: a1b2c3d4e5}]",
    "providers: [{name: a, kind: openai, api_key: sk-a1b2c3d4}]",
    "database_url: postgresql://u:p@h/d",
    "metrics_token: a1b2c3d4e5",
    "sensitive_words: [坏词]",
)


@pytest.fixture(autouse=True)
def _word_list() -> None:
    WORDS.write_text("坏词\n", encoding="utf-8")


def warning(text: str, *, mode: int = 0o644, words_mode: int = 0o600) -> str | None:
    WORDS.chmod(words_mode)
    Path("config.yml").write_bytes(b"")
    Path("config.yml").chmod(mode)
    told = warning_on_readers(read(text))
    return told.told("en") if told else None


def read(text: str) -> Loaded:
    """Without a key in the environment where there is one in the file."""
    return loaded(text, APIKEY="") if text.startswith("api_key") else loaded(text)


@pytest.mark.parametrize("line", SECRETS)
def test_a_file_with_a_secret_is_for_its_owner(line: str) -> None:
    told = warning(line)

    assert told is not None
    assert "chmod o-rwx config.yml" in told


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o400])
@pytest.mark.parametrize("line", SECRETS)
def test_a_file_for_its_owner_and_group_is_no_warning(line: str, mode: int) -> None:
    assert warning(line, mode=mode) is None


def test_without_a_secret_everybody_may_read_it() -> None:
    assert warning("model: gpt-4o\nlanguage: zh\n") is None


def test_both_files_are_one_warning_whose_command_ends_it() -> None:
    text = f"{SECRETS[0]}\n{NAMED}"
    told = warning(text, words_mode=0o604)
    assert told is not None

    command = told.partition("run: ")[2]
    subprocess.run(shlex.split(command), check=True)  # noqa: S603 - our own command

    assert told.count("chmod") == 1
    assert warning_on_readers(read(text)) is None


def test_a_list_of_words_alone_is_a_warning_too() -> None:
    told = warning(NAMED, words_mode=0o644)

    assert told is not None
    assert "config.yml" not in told


def test_check_config_has_it_among_its_warnings() -> None:
    told = warning(SECRETS[0])

    assert told in [one.told("en") for one in warnings_on(read(SECRETS[0]))]
