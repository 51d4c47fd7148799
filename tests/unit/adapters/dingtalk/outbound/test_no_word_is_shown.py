"""No word of the list is readable in anything that is sent, judged by a CommonMark parser of others."""

import html
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.dingtalk.layout.layout import Layout
from adapters.dingtalk.layout.mention import mention_for
from adapters.dingtalk.layout.sizes import Room
from adapters.dingtalk.markdown.scrub import scrubbed
from adapters.shown_text import shown_texts
from adapters.words.finder import aho_corasick
from application.wording import CHINESE
from application.wording.literal import literal
from domain.message import IncomingMessage
from domain.sensitive_words import SensitiveWords, fold
from tests.contracts.messenger import IN_GROUP

LISTED = ("坏词", "vpn")
WORDS = SensitiveWords(LISTED, aho_corasick, shown_texts)
LAYOUT = Layout(wording=lambda: CHINESE, words=lambda: WORDS)
TIGHT = replace(LAYOUT, room=Room(characters=160, octets=1200))

BETWEEN = [
    *(
        "",
        " ",
        "\n",
        "\n\n",
        "  \n",
        "\\",
        "\\\n",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "``",
        "\u200b",
        "\ufffe",
    ),
    *(
        "\u3164",
        "\u2800",
        "\ufffc",
        "\u180b",
        "\u0301",
        "\u05b0",
        "\u20dd",
        "\x1b[31m",
        "\x9b1m",
        "\x1b]0;x\x07",
        "\x1b]0\x1b\\",
        "\x00",
        "\x85",
    ),
    *(
        "](javascript:x)",
        "](http://a.example/(b))",
        "][1]",
        "](<b c>",
        ' "t")',
        "<br>",
        "<b>",
        "</b>",
        "<!-- x -->",
    ),
    *(
        "\n> ",
        "\n- ",
        "\n1. ",
        "\n# ",
        "\n- [ ] ",
        "|",
        "\n|-|-|\n",
        "\n|",
        "\n```\n",
        "\n```py\n",
        "\n    ",
    ),
    *(
        "\n[1]: http://x.example\n",
        "&#8203;",
        "&zwj;",
        "&nbsp;",
        "&amp;#8203;",
        "★",
        "#",
        "<i class='x'>",
        "\n---\n",
        "\n===\n",
    ),
    *(
        "![](http://i.example/x.png)",
        "<img src='http://i.example'>",
        "<details><summary>",
        "</summary>",
        "<td>",
        "</p>",
    ),
]
LETTERS = [
    *(
        "坏",
        "词",
        "v",
        "p",
        "n",
        "Ｖ",
        "ṗ",
        "ñ",
        "𝐯",
        "&#22351;",
        "&#x8bcd;",
        "&#35789;",
        "&amp;#22351;",
    ),
    *(
        "&amp;amp;#118;",
        "&#118;",
        "\\v",
        "[坏",
        "![词",
        "[v",
        "`词",
        "(坏",
        "%E5%9D%8F",
        "很",
        "x",
        "<坏",
        "[1]",
        "![",
        "[",
        "]",
        "<",
        ">",
        "坏坏",
        "词词",
    ),
]
documents = st.lists(st.sampled_from([*LETTERS, *BETWEEN]), max_size=16).map("".join)

PARSERS = (
    MarkdownIt("commonmark"),
    MarkdownIt("commonmark").enable(["table", "strikethrough"]),
    MarkdownIt("js-default"),
)
TAG = re.compile(r"<[^>]*>")


def readable(markdown: str) -> Iterator[str]:
    """What an eye puts together of a message: as it stands, and laid out by each parser."""
    yield markdown
    for parser in PARSERS:
        text = html.unescape(TAG.sub("", parser.render(markdown)))
        yield text
        yield html.unescape(text)


def leaks(texts: Sequence[str]) -> list[str]:
    listed = [fold(word) for word in LISTED]
    return [
        text
        for one in texts
        for text in readable(one)
        if any(word in fold(text) for word in listed)
    ]


def from_nick(nick: str) -> IncomingMessage:
    nick = WORDS.mask_typed(nick)
    return replace(IN_GROUP, sender=replace(IN_GROUP.sender, staff_id=None, nick=nick))


@settings(max_examples=600)
@given(text=documents, layout=st.sampled_from([LAYOUT, TIGHT]))
@example(text="坏\ufffe词", layout=LAYOUT)
@example(text="&amp;#22351;词", layout=LAYOUT)
@example(text="[坏](javascript:x)词", layout=LAYOUT)
@example(text="[坏][1]词\n\n[1]: http://a.example", layout=LAYOUT)
@example(text="坏<br>词", layout=LAYOUT)
@example(text="> 坏\n> 词", layout=LAYOUT)
@example(text="# 坏#词", layout=LAYOUT)
def test_no_message_shows_a_word(text: str, layout: Layout) -> None:
    parts = layout.parts_of(text, from_nick(text[:20]))
    mention = mention_for(from_nick(text[:20]))

    shown = [one for part in parts for one in (part.text, part.title)]
    assert not leaks([*shown, mention.text, mention.silent])


@settings(max_examples=600)
@given(text=documents)
@example(text="<td>v[ṗ<坏<br>n")
@example(text="<!-- x -->坏<\n词")
@example(text="&#00035789<i>坏</i>&#35789")
def test_nothing_that_is_kept_or_repeated_shows_a_word(text: str) -> None:
    assert not leaks([WORDS.mask_as_shown(text), WORDS.mask_typed(text)])


@settings(max_examples=300)
@given(text=documents)
@example(text="坏\x1b]0;x\x07词")
@example(text="v\x1b]0\x1b\\pn")
@example(text="坏\x1b[31m![](http://i.example/x.png)词")
def test_what_is_scrubbed_after_the_mask_shows_no_word(text: str) -> None:
    assert not leaks([scrubbed(WORDS.mask_typed(text))])


@settings(max_examples=300)
@given(text=documents)
def test_a_question_that_shows_a_word_is_recognised(text: str) -> None:
    if leaks([text]):
        assert WORDS.shown_by(text)


@settings(max_examples=300)
@given(text=documents)
def test_nothing_is_lost_but_what_is_masked(text: str) -> None:
    """What is left after the masks stands in the text in the same order."""
    for masked in (WORDS.mask_as_shown(text), WORDS.mask_typed(text)):
        rest = iter(text)
        assert all(
            one in rest for one in masked.replace("\\*", "").replace("*", "").replace("\\", "")
        )


@settings(max_examples=200)
@given(text=documents)
@example(text="&#22351词")
@example(text="&amp;#22351词")
@example(text="&#22351;&#x8bcd;")
def test_what_people_typed_shows_no_word_in_a_sentence_of_ours(text: str) -> None:
    (part, *_) = LAYOUT.parts_of(f"群「{literal(text, longest=64)}」", IN_GROUP)

    assert not leaks([part.text])


def test_masks_are_no_markup() -> None:
    (part,) = LAYOUT.parts_of("坏词很坏词，`坏词`", IN_GROUP)

    (shown, *_) = readable(part.text.removesuffix("\n\n@manager1"))
    assert shown == "\\*\\*很\\*\\*，`**`"
    assert "<strong>" not in PARSERS[2].render(part.text)
    assert part.title == "**很**，"


@pytest.mark.parametrize("text", ["\\坏词", "\\\\坏词", "\\\\\\坏词"])
def test_a_backslash_before_a_word_stays_and_the_mask_stays_text(text: str) -> None:
    shown = html.unescape(TAG.sub("", PARSERS[0].render(WORDS.mask_as_shown(text)))).strip()

    assert shown == html.unescape(TAG.sub("", PARSERS[0].render(text))).strip().replace(
        "坏词", "**"
    )


def test_addresses_of_this_service_stay_whole() -> None:
    address = "https://robot.example/history/vpn"

    (part,) = LAYOUT.parts_of(f"[坏词]({address}) vpn {address}", IN_GROUP, addresses=[address])

    assert part.text.startswith(f"[\\*\\*]({address}) \\*\\*\\* {address}")


def test_a_staff_id_that_is_a_word_calls_nobody() -> None:
    sender = replace(IN_GROUP.sender, staff_id="vpn01", nick="张三")  # type: ignore[arg-type] # a text is one
    (part,) = LAYOUT.parts_of("好", replace(IN_GROUP, sender=sender))

    assert part.text == "好\n\n＠张三"


def any_document(chance: random.Random) -> str:
    return "".join(chance.choices([*LETTERS, *BETWEEN], k=chance.randrange(2, 30)))
