"""No thought is ever text, however an answer is cut into pieces."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.openai.protocol import Piece
from adapters.openai.thoughts import MOST_SPOKEN_OF, RESET, Reset, ThoughtSplitter

MARKS = [
    ("<think>", "</think>"),
    ("<Thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ('<reasoning effort="low">', "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("<details><summary>Thinking…</summary>", "</details>"),
    ('<details type="reasoning"><summary>3 s</summary>', "</details>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
]
MARKED_AT_THE_END_ONLY = ["</think>", "</THINKING>", "◁/think▷", "[/THINK]"]

# Thoughts and answers share no letter, so that one in the other's place is seen.
NOISE = ["<", "</", ">", "/", "[", "◁", "<|", "<b>", "a<b", "\n", " ", "``", "<thin"]
thoughts = st.lists(st.sampled_from(["想", "t", *NOISE]), min_size=1, max_size=8).map("".join)
plain = st.lists(st.sampled_from(["答", "y", *NOISE]), max_size=8).map("".join)
about = st.lists(
    st.sampled_from(["答", "y", "`<think>`", "`</think>`", "y<think> </think>", "\n", "<"]),
    max_size=8,
).map("".join)
edges = st.lists(st.integers(0, 300), max_size=12)


def cut(text: str, edges: list[int]) -> Iterator[str]:
    places = [0, *sorted(min(edge, len(text)) for edge in edges), len(text)]
    return (text[start:stop] for start, stop in pairwise(places))


def split(text: str, edges: list[int], *, untagged: bool = False) -> tuple[str, str]:
    """Text and thoughts of an answer that comes in pieces, cut at these places."""
    splitter = ThoughtSplitter(untagged=untagged)
    given: list[Piece | Reset] = []
    for piece in cut(text, edges):
        given += splitter.feed(piece)
    given += splitter.close()
    while RESET in given:
        given = given[given.index(RESET) + 1 :]
    pieces = [piece for piece in given if isinstance(piece, Piece)]
    return (
        "".join(piece.text for piece in pieces if not piece.is_thought),
        "".join(piece.text for piece in pieces if piece.is_thought),
    )


@given(mark=st.sampled_from(MARKS), thought=thoughts, answer=plain, edges=edges)
def test_a_thought_between_marks_is_no_text(
    mark: tuple[str, str], thought: str, answer: str, edges: list[int]
) -> None:
    begin, end = mark

    text, thinking = split(f"{begin}{thought}{end}答{answer}", edges)

    assert text == f"答{answer}"
    assert thinking == thought


@given(
    mark=st.sampled_from(MARKED_AT_THE_END_ONLY),
    thought=thoughts,
    answer=plain,
    edges=edges,
    untagged=st.booleans(),
)
def test_a_thought_without_a_beginning_is_no_text(
    mark: str, thought: str, answer: str, edges: list[int], *, untagged: bool
) -> None:
    # A line's end keeps what the thought ends with from being part of the mark, or code.
    text, thinking = split(f"想{thought}\n{mark}答{answer}", edges, untagged=untagged)

    assert text == f"答{answer}"
    assert thinking == f"想{thought}\n"


@given(
    thought=st.lists(
        st.sampled_from(
            [
                "想",
                "\n",
                "`</think>` ",
                "写 `a` ",
                "`x</think>`",
                "\n```\n</think>\n```\n",
                "`<think>` ",
            ]
        ),
        max_size=9,
    ).map("".join),
    answer=st.sampled_from(["", "。`</think>`", "\n```\nx </think>\n```"]),
    edges=edges,
)
def test_a_thought_may_speak_of_its_end(thought: str, answer: str, edges: list[int]) -> None:
    text, thinking = split(f"<think>{thought}\n</think>答{answer}", edges)

    assert text == f"答{answer}"
    assert "答" not in thinking


@given(answer=about, edges=edges)
def test_an_answer_may_speak_of_the_marks(answer: str, edges: list[int]) -> None:
    assert split(f"答{answer}", edges) == (f"答{answer}", "")


@given(answer=about, edges=edges)
def test_so_may_one_behind_a_thought(answer: str, edges: list[int]) -> None:
    assert split(f"<think>想</think>答{answer}</think>", edges) == (f"答{answer}</think>", "想")


later = st.lists(
    st.sampled_from(
        ["答", "y", "\n<think>想</think>", "\n <thinking>想\nt</thinking>", "\n", "`a`"]
    ),
    max_size=8,
).map("".join)


@given(answer=later, edges=edges, first=st.sampled_from(["", "<think>想</think>"]))
def test_a_thought_that_begins_a_later_line_is_no_text(
    answer: str, edges: list[int], first: str
) -> None:
    text, thinking = split(f"{first}答{answer}", edges)

    assert "think" not in text
    assert not {"想", "t"} & set(text)
    assert text.count("答") == 1 + answer.count("答")
    assert text.count("y") == answer.count("y")
    assert not {"答", "y"} & set(thinking)


@pytest.mark.parametrize(
    "answer",
    [
        "标签是：\n<think>\n它表示思考开始。",
        "标签是：\n```\n<think>想</think>\n```\n完。",
        "写 <think>想</think> 即可",
        "写 `<think>` 即可",
    ],
)
@given(edges=edges)
def test_a_tag_that_an_answer_speaks_about_stays(answer: str, edges: list[int]) -> None:
    assert split(answer, edges)[0] == answer


tokens = st.sampled_from(
    [
        *("<think>", "</think>", "<", "/", "think", ">", "a", "\n", " ", "`", "```", "</thinking>"),
        *(
            "<details>",
            "<summary>Thinking</summary>",
            "</details>",
            "◁think▷",
            "[THINK]",
            "[/THINK]",
        ),
        *("<|", "思考", "题", "</summary>", "<details type='reasoning'>"),
    ]
)


@given(text=st.lists(tokens, max_size=9).map("".join), edges=edges, untagged=st.booleans())
def test_the_cuts_never_matter(text: str, edges: list[int], *, untagged: bool) -> None:
    assert split(text, edges, untagged=untagged) == split(text, [], untagged=untagged)


@pytest.mark.parametrize(
    ("text", "given_before_the_end"),
    [
        ("四", "四"),
        ("四 <", "四 "),
        ("a<b c", "a<b c"),
        ("a<b", "a"),
        ("[1] x", "[1] x"),
        ("<thinker>", "<thinker>"),
    ],
)
def test_only_what_may_be_a_mark_is_held_back(text: str, given_before_the_end: str) -> None:
    splitter = ThoughtSplitter()

    given = [piece for letter in text for piece in splitter.feed(letter)]

    assert (
        "".join(piece.text for piece in given if isinstance(piece, Piece)) == given_before_the_end
    )


@given(edges=edges)
def test_an_answer_that_repeats_a_mark_speaks_about_it(edges: list[int]) -> None:
    answer = "`</think>`" * MOST_SPOKEN_OF + "\n</think>\n四"

    assert split(answer, edges) == (answer, "")
