"""Long answers in pieces."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.layout.sizes import Room, octets
from adapters.dingtalk.layout.split import Piece, split
from adapters.dingtalk.markdown.rendering import render

PIECES = [
    *(
        "a",
        "你好。",
        "```",
        "```py",
        "````",
        "`",
        "\n",
        "\n\n",
        "  \n",
        "👨‍👩‍👧",
        "e\u0301",
        "&lt;",
        "<",
    ),
    *('"', "\\", "\n```\n", "\n```py\n", "x y, z. ", "🇨🇳", "| a | b |\n", "- ", "word" * 8),
]
answers = st.lists(st.sampled_from(PIECES), max_size=80).map("".join).map(render)
rooms = st.builds(Room, characters=st.integers(70, 140), octets=st.integers(140, 300))


@given(text=answers, room=rooms)
def test_no_character_is_lost_and_every_piece_fits(text: str, room: Room) -> None:
    pieces = list(split(text, room))

    assert "".join(piece.text for piece in pieces) == text
    for piece in pieces:
        assert len(piece.whole) <= room.characters
        assert len(json.dumps(piece.whole, ensure_ascii=False).encode()) - 2 <= room.octets


@given(text=answers, room=rooms)
def test_every_piece_closes_the_code_it_opens(text: str, room: Room) -> None:
    for piece in split(text, room):
        assert render(piece.whole) == render(render(piece.whole)) or "&" in piece.whole
        fence = ""
        for line in piece.whole.split("\n"):
            run = line[: len(line) - len(line.lstrip("`"))]
            if not fence and len(run) >= 3:
                fence = run
            elif fence and line == run and len(run) >= len(fence):
                fence = ""
        assert not fence


LONG = {
    "chinese": "你好，世界。" * 5000,
    "chinese without breaks": "你" * 30_000,
    "emoji": "👨‍👩‍👧" * 5000,
    "quotes": '"\\' * 20_000,
    "code": "```py\n" + "print('x')\n" * 3600 + "```",
    "one line of code": "```\n" + "x" * 40_000 + "\n```",
    "table": "|a|b|\n|-|-|\n" + "| 12345 | 67890 |\n" * 1000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_answers_fit_whatever_they_are_made_of(text: str) -> None:
    rendered = render(text)
    pieces = list(split(rendered, Room()))

    assert "".join(piece.text for piece in pieces) == rendered
    assert all(len(p.whole) <= 3800 and octets(p.whole) <= 14_000 for p in pieces)
    assert len(pieces) <= 2 + max(len(rendered) // 3700, octets(rendered) // 13_000)


def test_code_is_closed_at_the_cut_and_opened_again_in_its_language() -> None:
    text = "```python\n" + "x = 1\n" * 30 + "```"

    first, second, *_ = split(text, Room(characters=100, octets=400))

    assert first.whole.startswith("```python\n")
    assert first.whole.endswith("x = 1\n```")
    assert second.whole.startswith("```python\nx = 1\n")


@pytest.mark.parametrize("lead", range(60, 100))
def test_no_cut_leaves_an_empty_block_of_code(lead: int) -> None:
    text = "a" * lead + "\n```python\nx = 1\ny = 2\n```\n" + "b" * 60

    for piece in split(text, Room(characters=120, octets=400)):
        assert "```python\n```" not in piece.whole


def first_of(text: str, characters: int = 100) -> str:
    return next(iter(split(text, Room(characters=characters)))).text


def test_a_paragraph_is_the_first_choice() -> None:
    assert first_of("a" * 60 + "\n\n" + "b. b\n" * 20) == "a" * 60 + "\n\n"


def test_a_line_is_the_second_choice() -> None:
    assert first_of("a. " * 20 + "\n" + "b. " * 40) == "a. " * 20 + "\n"


def test_a_sentence_is_the_third_choice() -> None:
    assert first_of("一句，话。" * 40, 98) == "一句，话。" * 19


def test_a_word_is_the_fourth_choice() -> None:
    assert first_of("word " * 40, 98) == "word " * 19


@pytest.mark.parametrize("sign", ["👨‍👩‍👧", "e\u0301\u0301", "👍🏽", "🇨🇳", "1️⃣", "&lt;", "\\*"])
@pytest.mark.parametrize("room", range(80, 88))
def test_a_sign_of_several_characters_stays_whole(sign: str, room: int) -> None:
    first = first_of(sign * 100, room)

    assert len(first) % len(sign) == 0
    assert unicodedata.normalize("NFC", first)


def test_inline_code_stays_whole() -> None:
    text = "字" * 90 + "`![x](https://evil)`" + "字" * 90

    assert first_of(text) == "字" * 90


def test_a_short_text_is_one_piece() -> None:
    assert list(split("好", Room())) == [Piece(text="好")]
