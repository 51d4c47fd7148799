"""What DingTalk's clients get to see of a model's Markdown, judged by a CommonMark parser of others."""

import re
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.dingtalk.layout.sizes import Room
from adapters.dingtalk.layout.split import split
from adapters.dingtalk.markdown.rendering import render

PARSERS = (
    MarkdownIt("commonmark"),
    MarkdownIt("commonmark").enable("table"),
    MarkdownIt("js-default"),
)
# Whatever a markup is made of, in pieces small enough to meet.
PIECES = [
    *(
        "a",
        "`",
        "``",
        "```",
        "```py",
        "~~~",
        "\n",
        "\n\n",
        "    ",
        "  ",
        "[",
        "]",
        "(",
        ")",
        "!",
        "\\",
    ),
    *(
        "> ",
        "- ",
        "1. ",
        "|",
        "\n|-|-|\n",
        "| a |",
        "<",
        "[1]",
        "\t",
        "---",
        "===",
        "# ",
        ":",
        "\r",
    ),
    *(
        "![x](https://evil/i)",
        "![x]",
        "[x]",
        "[1]: https://evil/d\n",
        "(https://evil/q)",
        "(<",
        ' "t")',
    ),
    *(
        "&#33;",
        "&#91;",
        "&lt;",
        "&#96;",
        "<img src='https://evil'>",
        "<br>",
        "<javascript:x>",
        "\u202e",
    ),
    *(
        "dtmd://x",
        "(dtmd://x)",
        "(javascript:alert)",
        "https://ok/a",
        "@all",
        "@manager1",
        "word " * 60,
    ),
]
texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def tokens(found: Sequence[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from tokens(token.children or [])


def shown(markdown: str) -> Iterator[Token]:
    for parser in PARSERS:
        yield from tokens(parser.parse(markdown))


@settings(max_examples=400)
@given(text=texts, characters=st.integers(1100, 1300))
@example(text="!![[x](https://evil)](dtmd://a)", characters=1100)
@example(text="` \n` ![x](https://evil) `", characters=1100)
@example(text="| a | b |\n|-|-|\n| ` | ![x](https://evil) | ` |", characters=1100)
@example(text="```|a\n|-|-|\n<br>", characters=1100)
@example(text="[a][](dtmd://x)(javascript:alert)", characters=1100)
def test_nothing_loads_runs_or_leaves_the_chat_however_it_is_cut(
    text: str, characters: int
) -> None:
    rendered = render(text)
    parts = [piece.whole for piece in split(rendered, Room(characters=characters))]

    for token in (token for part in [rendered, *parts] for token in shown(part)):
        assert token.type != "image"
        assert not token.type.startswith("html")
        if token.type == "link_open":
            assert str(token.attrs["href"]).lower().startswith(("http://", "https://", "mailto:"))


@given(text=texts)
@example(text="http://@all")
@example(text="http://@\u200ball")
@example(text="https://a.example/@ALL/x")
@example(text="[x](https://a.example/@all)")
def test_no_mention_stands_outside_of_code_and_addresses(text: str) -> None:
    for token in shown(render(text)):
        if token.type == "text":
            assert "@all" not in token.content.lower().replace("\u200b", "")
            words = re.sub(r"https://\S+", "", token.content)
            assert "@manager1" not in words


@pytest.mark.parametrize("scheme", ["dingtalk", "DTMD", "dingtalk-page"])
def test_an_address_of_the_web_names_no_application_as_such(scheme: str) -> None:
    rendered = render(f"http://{scheme}://x https://a.example/?to={scheme}://page")

    assert rendered == f"http://{scheme}%3A//x https://a.example/?to={scheme}%3A//page"
    assert render(f"http://{scheme}:\\//x") == f"http://{scheme}%3A\\//x"


@given(text=st.text(st.characters(codec=None), max_size=60))
def test_every_text_has_a_rendering_that_can_be_sent(text: str) -> None:
    rendered = render(text)

    rendered.encode()
    assert not set(rendered) & set("\x00\x01\x02\x0e\x17\x1b\x7f\u202e\u2066\ud800")


SAID = st.lists(st.sampled_from(["a", "<", ">", "&", "&lt;", " ", "一", '"', "b"]), max_size=12)


@given(pieces=SAID)
def test_a_reader_sees_the_same_signs_as_in_the_source(pieces: list[str]) -> None:
    """A full stop in front keeps `>` from being a quote mark."""
    source = "." + "".join(pieces).strip() + "."
    (paragraph,) = (t for t in MarkdownIt("js-default").parse(render(source)) if t.type == "inline")

    seen = "".join(child.content for child in paragraph.children or [])

    assert seen == source.replace("&lt;", "<")


@pytest.mark.parametrize(
    "image",
    [
        "![x](https://evil.example/?q=1)",
        "[![x](https://evil.example/?q=1)](https://evil.example)",
        "> ![x](https://evil.example/?q=1)",
        "| ![x](https://evil.example/?q=1) | b |\n|---|---|",
        "![x][1]\n\n[1]: https://evil.example/?q=1",
        "![x](//evil.example/?q=1)",
        "&#33;&#91;x](https://evil.example/?q=1)",
        "![x](https&#58;//evil.example/?q=1)",
        "![x](https://images.example@evil.example/a.png)",
        "<img src='https://evil.example/?q=1'>",
    ],
)
def test_an_image_of_a_foreign_host_becomes_words_that_name_the_host(image: str) -> None:
    rendered = render(image, image_hosts={"images.example"})

    assert "![" not in rendered
    assert "evil.example" in rendered


def test_an_image_of_an_allowed_host_stays() -> None:
    image = "![图](https://images.example/a.png?x=1&y=2)"

    assert render(image, image_hosts={"images.example"}) == image


@pytest.mark.parametrize("address", ["dtmd://a/b", "DingTalk://a", "dingtalk-wxwork://a"])
def test_the_clients_own_links_lose_their_address(address: str) -> None:
    assert render(f"[点我]({address})") == "点我"
    assert address not in render(f"打开 {address} 看")


@pytest.mark.parametrize("text", ["a\nb", "a\n- b", "> a\n> b", "- a\n  b"])
def test_a_line_end_that_a_client_would_swallow_is_kept(text: str) -> None:
    assert "  \n" in render(text)


@pytest.mark.parametrize("text", ["- a\n- b", "# a\nb", "|a|\n|:---|\n|b|", "```\na\nb\n```"])
def test_other_line_ends_stay_as_they_are(text: str) -> None:
    assert render(text) == text


def test_inline_code_is_code_up_to_a_thousand_characters() -> None:
    assert render("`" + "<" * 999 + "`") == "`" + "<" * 999 + "`"
    assert render("`" + "<" * 1000 + "`") == "&#96;" + "&lt;" * 1000 + "&#96;"


HOSTILE = {
    "open brackets": "[" * 10**5,
    "pairs of brackets": "[" * 20_000 + "]" * 20_000,
    "backticks": "`" * 10_000,
    "rows of backticks": "".join("`" * (n % 100 + 1) + "x" for n in range(200)),
    "inline code": "`x " * 15_000,
    "links without end": "[a](" * 15_000,
    "images in images": "![" * 15_000 + "](u)" * 15_000,
    "references": "[a][b]" * 8_000 + "\n\n[q]: https://x",
    "quotes": "> " * 50_000,
    "one long line": "a" * 10**6,
    "cells": "|a" * 10_000 + "\n|-" * 10_000,
    "escape characters": "\x1b]" * 30_000,
}


def cost_of(text: str) -> float:
    """The least of three, in seconds of CPU."""
    costs = []
    for _ in range(3):
        begun = time.process_time()
        list(split(render(text), Room()))
        costs.append(time.process_time() - begun)
    return min(costs)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_of_twice_the_length_costs_about_twice_as_much(text: str) -> None:
    assert cost_of(text + text) < 4 * cost_of(text) + 0.05
