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


@pytest.mark.parametrize("sign", ["#", "＃", " # "])
@pytest.mark.parametrize("key", ["prefix", "content"])
def test_a_file_of_the_go_version_means_what_it_meant(sign: str, key: str) -> None:
    """Its titles begin with the number sign that people type, and its first files said `content`."""
    FILE.write_text(
        "# 保持格式一致\n"
        f'- title: "{sign}周报"\n  {key}: "整理成周报："\n'
        f'- title: "{sign}生成sql"\n  {key}: "写成 SQL：\\n"\n  suffix: "\\n只要语句。"\n'
        f'- title: "{sign}纪要"\n  {key}: 用"要点"开头，\n  suffix: ""\n',
        "utf-8",
    )

    assert loaded("").templates == (
        PromptTemplate(title="周报", prefix="整理成周报："),
        PromptTemplate(title="生成sql", prefix="写成 SQL：\n", suffix="\n只要语句。"),
        PromptTemplate(title="纪要", prefix='用"要点"开头，'),
    )


def test_only_the_first_sign_of_a_title_goes() -> None:
    FILE.write_text('- title: "##C#"\n', "utf-8")

    assert loaded("").templates == (PromptTemplate(title="#C#", prefix=""),)


def test_an_empty_prefix_does_not_hide_what_the_older_key_says() -> None:
    FILE.write_text('- title: a\n  prefix: ""\n  content: b\n', "utf-8")

    assert loaded("").templates == (PromptTemplate(title="a", prefix="b"),)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "- title: #周报\n  content: a",
            "prompt.yml:1: [0].title: is missing; a title that begins",
        ),
        ('- title: "#a"\n- title: A', 'prompt.yml:2: [1].title: "A" is the title of the entry at'),
        ('- title: "# "', 'prompt.yml:1: [0].title: "# " is no title'),
        ('- title: "#a b"', 'prompt.yml:1: [0].title: "#a b" is no title'),
        ("- title: a\n  prefix: b\n  content: c", "prompt.yml:1: [0].content: is the older name"),
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
