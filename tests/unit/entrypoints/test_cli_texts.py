"""The command line speaks the operator's language, whole."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from string import Formatter

import pytest
import rich_click as click
from click.testing import CliRunner, Result

from entrypoints.cli import COMMANDS, main
from entrypoints.cli.texts import CHINESE, ENGLISH, CliTexts

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


def sentences(texts: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence with the way to it, sub-catalogues too."""
    if isinstance(texts, str):
        yield path, texts
    elif isinstance(texts, Mapping):
        for key, value in texts.items():
            yield from sentences(value, f"{path}.{key}")
    elif is_dataclass(texts):
        for one in fields(texts):
            yield from sentences(getattr(texts, one.name), f"{path}.{one.name}")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def called(*arguments: str, language: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"LANGUAGE": language, "CONFIG_FILE": None})


def test_both_languages_say_the_same_with_the_same_placeholders() -> None:
    chinese, english = dict(sentences(CHINESE)), dict(sentences(ENGLISH))

    assert chinese.keys() == english.keys()
    for path, text in chinese.items():
        assert text.strip(), path
        assert english[path].strip(), path
        assert placeholders(text) == placeholders(english[path]), path


@pytest.mark.parametrize("texts", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_every_command_and_option_is_explained_and_nothing_else(texts: CliTexts) -> None:
    assert set(texts.commands) == set(COMMANDS)
    for name, told in texts.commands.items():
        command = main.get_command(click.Context(main), name)
        assert command is not None
        options = {one.name for one in command.params if isinstance(one, click.Option)}
        assert set(told.parameters) == options, name


@LANGUAGES
@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_in_one_language(language: str, name: str) -> None:
    result = called(name, "--help", language=language)

    assert result.exit_code == 0
    assert ("用法" in result.output, "Usage" in result.output) == (
        language == "zh",
        language == "en",
    )
    assert "Show this message" not in result.output


@LANGUAGES
@pytest.mark.parametrize(
    ("call", "named"),
    [
        (("mirgate",), ("mirgate", "migrate")),
        (("check-konfig",), ("check-config",)),
        (("migrate", "--chek"), ("--chek", "--check")),
        (("send",), ("TEXT",)),
        (("simulate", "--port", "x"), ("--port", "65535")),
        (("export-history", "--user", "a", "--format", "pdf"), ("--format", "csv")),
        (("migrate", "x"), ("migrate --help",)),
        (("migrate", "--config"), ("migrate --help",)),
    ],
    ids=str,
)
def test_a_wrong_call_is_explained_in_one_language(
    language: str, call: tuple[str, ...], named: tuple[str, ...]
) -> None:
    result = called(*call, language=language)

    assert result.exit_code == 2
    assert [one for one in named if one not in result.output] == []
    assert "No such" not in result.output
    assert ("用法有误" in result.output) == (language == "zh")


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_told(flag: str) -> None:
    assert "0." in called(flag, language="zh").output


def test_the_example_is_written_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    example = (Path(__file__).parents[3] / "config.example.yml").read_text(encoding="utf-8")

    first = called("example-config", str(file), language="zh")
    second = called("example-config", str(file), language="zh")

    assert first.exit_code == 0
    assert file.read_text(encoding="utf-8") == example
    assert file.stat().st_mode & 0o077 == 0
    assert second.exit_code == 2
    assert str(file) in second.output
    assert called("example-config", language="zh").output == example


def test_an_example_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    result = called("example-config", str(tmp_path / "no" / "config.yml"), language="en")

    assert result.exit_code == 1
    assert "cannot be written" in result.output


@pytest.mark.parametrize(
    ("language", "arguments", "sentence"),
    [
        ("zh", ("backup", "-"), "还没有可以备份的内容"),
        ("en", ("backup", "-"), "There is nothing to back up yet"),
        ("zh", ("export-history", "--user", "a", "--format", "md"), "还没有对话记录"),
        ("en", ("export-history", "--user", "a", "--format", "md"), "There is no history yet"),
        ("zh", ("serve", "--trial"), "这里已经有配置，不用试用"),
        ("en", ("serve", "--trial"), "There is a configuration"),
        ("zh", ("simulate", "--target", "bad"), "--target 不是地址"),
        ("en", ("simulate", "--target", "bad"), "--target is no address"),
        ("zh", ("import-legacy", "gone.sqlite"), "没有这个文件：gone.sqlite"),
        ("en", ("import-legacy", "gone.sqlite"), "there is no such file: gone.sqlite"),
    ],
)
def test_what_a_command_cannot_do_is_said_in_the_operators_language(
    language: str,
    arguments: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "config.yml").write_text("providers: [{name: d, kind: demo, model: m}]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["chatgpt-dingtalk", *arguments])

    result = CliRunner().invoke(main, arguments, env={"LANGUAGE": language})

    # A frame breaks the sentence wherever its line ends.
    assert sentence.replace(" ", "") in re.sub(r"[\s│]", "", result.output), result.output
