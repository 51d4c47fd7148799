"""`check-config` prints what is in effect and where it came from, or every mistake."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.check_config import check_config
from entrypoints.settings import Settings
from entrypoints.settings.reading.structures import keys_of


@pytest.fixture
def run(tmp_path: Path) -> "Run":
    return Run(tmp_path)


class Run:
    def __init__(self, directory: Path) -> None:
        self._file = directory / "config.yml"

    def __call__(self, text: str, *options: str, color: bool = False, **environment: str) -> Result:
        self._file.write_text(text, encoding="utf-8")
        # What the machine's own environment sets is no part of the test.
        emptied = {key.environment: None for key in keys_of(Settings).values()}
        return CliRunner().invoke(
            check_config,
            ["--config", str(self._file), *options],
            env={**emptied, "LANGUAGE": "en", "MODEL": "some-model", **environment},
            color=color,
        )


def test_every_key_has_a_line_with_its_origin_and_value(run: Run) -> None:
    result = run("max_request: 7\n", APIKEY="sk-canary", MODEL="my-model")

    rows = {
        line.split()[0]: line.split()[-1] for line in result.output.split("\n\n")[0].splitlines()
    }
    assert result.exit_code == 0
    assert set(rows) == {"key", *Settings.__struct_fields__}
    assert (rows["max_request"], rows["model"]) == ("7", "my-model")
    assert "environment MODEL" in result.output
    assert "config.yml:1" in result.output


def test_a_secret_is_only_said_to_be_set(run: Run) -> None:
    result = run("app_secrets: [canary1]\n", APIKEY="sk-canary")

    assert "canary" not in result.output
    assert "••••" in result.output


def test_the_origin_column_is_aligned(run: Run) -> None:
    table = run("default_mode: 串聊\n", APIKEY="sk-1").output.split("\n\n")[0].splitlines()
    column = table[0].index("value")

    assert all(line[column - 2 : column] == "  " and line[column] != " " for line in table)


def test_without_secrets_the_operator_is_told_what_that_means_now(run: Run) -> None:
    assert "loopback" in run("", APIKEY="sk-1").output
    assert "loopback" not in run("app_secrets: [s3cret]", APIKEY="sk-1").output


def test_mistakes_go_to_the_error_stream_with_status_2(run: Run) -> None:
    result = run("port: x\nmodle: y\n", APIKEY="sk-1")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert 'port: "x" is not a whole number' in result.stderr
    assert "did you mean model?" in result.stderr


def test_a_missing_file_is_bad_configuration() -> None:
    result = CliRunner().invoke(
        check_config, ["--config", "/nowhere/config.yml"], env={"LANGUAGE": "en"}
    )

    assert result.exit_code == 2
    assert "/nowhere/config.yml: there is no such file" in result.stderr


def test_a_key_that_does_nothing_yet_is_named(run: Run) -> None:
    printed = run("api_key: sk-1\nmodel: m\ncard_template_id: abc\n").output

    assert "not used by this version yet: card_template_id." in printed


def test_what_was_set_can_be_listed_alone(run: Run) -> None:
    printed = run("max_request: 7\n", "--changed", APIKEY="sk-1").output
    keys = [line.split()[0] for line in printed.split("\n\n")[0].splitlines()]

    assert set(keys) == {"key", "api_key", "model", "language", "max_request"}


def test_programs_read_the_same_as_json(run: Run) -> None:
    result = run("max_request: 7\n", "--json", APIKEY="sk-canary", MODEL="my-model")

    told = json.loads(result.output)
    assert set(told) == {"keys", "providers", "warnings", "notes"}
    assert set(told["keys"]) == set(Settings.__struct_fields__)
    assert told["keys"]["max_request"]["value"] == "7"
    assert told["keys"]["max_request"]["from"].endswith("config.yml:1")
    assert any("loopback" in warning for warning in told["warnings"])
    assert "canary" not in result.output


def test_programs_read_the_same_origins_in_every_language(run: Run) -> None:
    printed = run("language: zh\n", "--json", MODEL="m", APIKEY="sk-1", LANGUAGE="zh").output

    keys = json.loads(printed)["keys"]
    assert keys["port"]["from"] == "default"
    assert keys["model"]["from"] == "environment MODEL"


def test_warnings_stand_out_on_a_terminal_and_apart_from_notes(run: Run) -> None:
    colourful = run("", color=True, APIKEY="sk-1")

    assert re.search(r"\x1b\[33m.*loopback", colourful.output)
    assert "\x1b" not in run("", APIKEY="sk-1").output
