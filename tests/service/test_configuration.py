"""A configuration with a mistake is refused before anything starts, and a good one can be looked at."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.service.running import Ended, run

CANARY = "canary-7f3a9c"

GOOD = "api_key: sk-good-enough\n"
BROKEN = {
    "a letter in a number": (f"{GOOD}max_request: 10O", ["config.yml:2: max_request: "]),
    "a number below zero": (f"{GOOD}max_request: -1", ["config.yml:2: max_request: "]),
    "no tokens at all": (f"{GOOD}max_text: 0", ["config.yml:2: max_text: "]),
    "a typo": (f"{GOOD}max_requets: 1", ["did you mean max_request?"]),
    "a key given twice": (f"{GOOD}port: 1\nport: 2", ["config.yml:3: port: given twice"]),
    "a port that is none": (f"{GOOD}port: 65536", ["config.yml:2: port: "]),
    "a mode nobody knows": (f"{GOOD}default_mode: 群聊", ["allowed: 单聊, 串聊"]),
    "a zone that does not exist": (
        f"{GOOD}timezone: Asia/Shangai",
        ["did you mean Asia/Shanghai?"],
    ),
    "a proxy that cannot be read": (
        f"{GOOD}http_proxy: user:{CANARY}@127.0.0.1:1",
        ["config.yml:2: http_proxy: "],
    ),
    "a duration that is none": (f"{GOOD}session_timeout: 10 min", ["600s, 10m, 1h"]),
    "a list that is none": (f"{GOOD}allow_users: a", ["config.yml:2: allow_users: "]),
    "a placeholder for a secret": (
        f"{GOOD}app_secrets: [xxx]",
        ["app_secrets[0]: is a placeholder"],
    ),
    "a blank secret": (f"{GOOD}app_secrets: ['{CANARY}', '  ']", ["app_secrets[1]: is blank"]),
    "no key for the model": ("model: gpt-4o", ["config.yml: api_key: is missing"]),
    "Azure without its keys": (
        f"azure_on: true\nazure_openai_token: {CANARY}",
        ["azure_api_version: ", "azure_resource_name: ", "azure_deployment_name: "],
    ),
    "a provider of no known kind": (
        f"providers: [{{name: a, kind: gemini, api_key: {CANARY}}}]",
        ["providers[0].kind: "],
    ),
    "a webhook host with a path": (f"{GOOD}webhook_hosts: [https://h/x]", ["webhook_hosts[0]: "]),
    "a database nobody supports": (
        f"{GOOD}database_url: mysql://user:{CANARY}@h/d",
        ["config.yml:2: database_url: "],
    ),
    "a file of words that is not there": (f"{GOOD}sensitive_words_file: gone.txt", ["gone.txt"]),
    "stream mode": (f"{GOOD}run_mode: stream", ["config.yml:2: run_mode: "]),
    "a tab": (f"{GOOD}\tport: 1", ["config.yml:2: this is not YAML"]),
    "a secret in the place of a key": (f"{GOOD}{CANARY}: x", ["config.yml:2: "]),
    "three at once": (
        f"app_secrets: [{CANARY}]\nport: x\nmodle: a\nchat_type: 7",
        ["config.yml: api_key: ", "config.yml:2: ", "config.yml:3: ", "config.yml:4: "],
    ),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ended]]]:
    """Each broken configuration put before the program, two at a time."""
    with ThreadPoolExecutor(2) as hands:
        begun = {}
        for name, (text, _) in BROKEN.items():
            folder = tmp_path_factory.mktemp("broken")
            (folder / "config.yml").write_text(text, encoding="utf-8")
            begun[name] = hands.submit(run, "check-config", folder=folder, LANGUAGE="en", MODEL="m")
        yield begun


@pytest.mark.parametrize("name", BROKEN)
def test_every_mistake_is_a_line_that_says_where_and_quotes_no_secret(
    refusals: dict[str, Future[Ended]], name: str
) -> None:
    _, mistakes = BROKEN[name]

    ended = refusals[name].result()

    assert ended.status == 2
    assert len(ended.mistakes) == len(mistakes)
    for line, mistake in zip(ended.mistakes, mistakes, strict=True):
        assert line.startswith("config.yml")
        assert mistake in line
    assert CANARY not in ended.err + ended.out


@pytest.mark.parametrize(
    ("command", "names"), [(["serve"], []), (["migrate"], []), (["send", "x"], [])]
)
def test_every_command_refuses_a_broken_configuration_alike(
    folder: Path, command: list[str], names: list[str]
) -> None:
    (folder / "broken.yml").write_text("max_request: 10O\nport: x\n", encoding="utf-8")

    ended = run(*command, "--config", "broken.yml", folder=folder, MODEL="m")

    assert ended.status == 2
    assert [line.split(": ")[:2] for line in ended.mistakes] == [
        ["broken.yml", "api_key"],
        ["broken.yml:1", "max_request"],
        ["broken.yml:2", "port"],
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["broken.yml", *names]


def test_a_good_configuration_is_shown_with_origins_and_without_secrets(folder: Path) -> None:
    (folder / "config.yml").write_text(
        f"api_key: sk-{CANARY}\napp_secrets: [{CANARY}]\nhttp_proxy: http://u:{CANARY}@h:1\n"
        f"credentials: [{{client_id: ding1, client_secret: {CANARY}}}]\nmax_request: 7\n",
        encoding="utf-8",
    )

    variables = {"LANGUAGE": "en", "MODEL": "m", "MAX_TEXT": "5000", "OUTGOING_TOKENS": CANARY}

    ended = run("check-config", folder=folder, **variables)

    lines = [line.split() for line in ended.out.splitlines() if line.strip()]
    # Notes below the table may begin with a key as well.
    rows = {words[0]: words[1:] for words in reversed(lines)}
    assert (ended.status, ended.err) == (0, "")
    assert rows["max_request"] == ["config.yml:5", "7"]
    assert rows["max_text"] == ["environment", "MAX_TEXT", "5000"]
    assert rows["session_timeout"] == ["default", "10m"]
    assert rows["api_key"][:2] == ["config.yml:1", "••••"]
    assert "ding1" in ended.out
    assert CANARY not in ended.out
