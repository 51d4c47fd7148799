"""Prompt templates: our own, the operator's, and what is refused in a file."""

from pathlib import Path

import pytest

from domain.prompts import PromptBook, PromptTemplate
from entrypoints.settings import built_in_templates
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

FILE = Path("prompt.yml")


def test_our_own_templates_make_a_book_of_at_least_a_dozen() -> None:
    templates = PromptBook.of(built_in_templates()).templates

    assert len(templates) >= 12
    assert {"周报", "前端", "Linux命令", "翻译"} <= {template.title for template in templates}
    assert all(template.prefix.strip() for template in templates)


def test_without_a_file_our_own_templates_are_used() -> None:
    assert loaded("prompt_file: ./prompt.yml").templates == built_in_templates()


def test_a_file_in_the_usual_place_replaces_ours_and_keeps_its_blanks() -> None:
    FILE.write_text('- title: "周报"\n  prefix: "写： "\n  suffix: ""\n- title: a\n', "utf-8")

    assert loaded("").templates == (
        PromptTemplate(title="周报", prefix="写： ", suffix=""),
        PromptTemplate(title="a", prefix="", suffix=""),
    )


def test_an_empty_file_is_a_book_without_templates() -> None:
    FILE.write_text("# none\n", "utf-8")

    assert loaded("").templates == ()


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("- prefix: a", "prompt.yml:1: [0].title: is missing"),
        ("- title: a\n- title: A", 'prompt.yml:2: [1].title: "A" is the title of the entry at'),
        ("- title: a b", 'prompt.yml:1: [0].title: "a b" is no title'),
        ('- title: ""', 'prompt.yml:1: [0].title: "" is no title'),
        ("- title: a\n  prefx: b", "prompt.yml:2: [0].prefx: unknown key; did you mean prefix?"),
        ("title: a", "prompt.yml:1: is not a list"),
    ],
)
def test_a_broken_entry_is_told_with_its_line(text: str, mistake: str) -> None:
    FILE.write_text(text, "utf-8")

    (line,) = mistakes_in("")

    assert line.startswith(mistake)
