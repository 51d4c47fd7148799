"""Every sentence about a configuration is there in both languages, and says the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from entrypoints.settings.changes import CHANGES
from entrypoints.settings.texts import CATALOGUES, Language, Text, say
from entrypoints.settings.texts.mistakes import en as mistakes
from entrypoints.settings.texts.notes import en as notes
from tests.unit.entrypoints.settings.configurations import mistakes_told

SRC = Path(__file__).parents[4] / "src" / "entrypoints"
ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh"]
CHINESE_LETTER = re.compile(r"[\u4e00-\u9fff]")


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def calls() -> Iterator[tuple[str, set[str]]]:
    """Every sentence that the program says, with what fills it."""
    for module in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "say" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), {str(one.arg) for one in node.keywords}


def test_both_languages_have_the_same_sentences() -> None:
    assert set(ENGLISH) == set(CHINESE)
    assert len(ENGLISH) == len(mistakes.ENGLISH) + len(notes.ENGLISH)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_languages_fill_the_same_places(key: str) -> None:
    assert placeholders(ENGLISH[key]) == placeholders(CHINESE[key])


@pytest.mark.parametrize(("key", "values"), list(calls()))
def test_what_is_said_is_in_the_catalogue_with_all_its_values(key: str, values: set[str]) -> None:
    assert placeholders(ENGLISH[key]) == values


def test_no_sentence_is_left_over() -> None:
    named = {key for key, _ in calls()} | {(one.said or Text(one.key)).key for one in CHANGES}
    source = "".join(module.read_text("utf-8") for module in (SRC / "settings").rglob("*.py"))
    named |= {key for key in ENGLISH if source.count(f'"{key}"') > 2}

    assert set(ENGLISH) - named - {"separator"} == set()


def test_a_sentence_is_told_in_one_language_with_all_that_is_in_it() -> None:
    text = say("unknown_key", hint=say("did_you_mean", near="port"))

    assert text.told("en") == "unknown key; did you mean port?"
    assert text.told("zh") == "没有这个配置项（是不是想写 port？）"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("text", ["port: x", "modle: a", "model：a", "azure_on: true", "a: &a b"])
def test_a_mistake_is_told_in_the_language_of_the_operator(text: str, language: Language) -> None:
    told = mistakes_told(text, language)

    assert told
    for line in told:
        assert bool(CHINESE_LETTER.search(line)) is (language == "zh"), line
