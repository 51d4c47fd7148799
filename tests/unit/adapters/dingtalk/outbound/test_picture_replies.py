"""A picture above its prompt, in which nothing that people typed can act; judged by others' parsers."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.dingtalk.layout.layout import Layout
from application.wording import CHINESE
from application.wording.literal import literal
from domain.sensitive_words import SensitiveWords
from tests.strategies import find_by_looking, message_saying
from tests.unit.adapters.dingtalk.outbound.test_markdown import PIECES, shown

OWN = "robot.example"
MEDIA_ID = "@lADPexample_1"
NO_WORDS = SensitiveWords((), find_by_looking)
LAYOUT = Layout(wording=lambda: CHINESE, words=lambda: NO_WORDS, image_hosts=frozenset({OWN}))
ALLOWED = {"inline", "text", "blockquote_open", "blockquote_close", "paragraph_open"} | {
    "paragraph_close",
    "softbreak",
    # A quotation may begin with a number.
    *("ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"),
}


def said(text: str, picture: str = "") -> str:
    message = message_saying("x")
    return "\n\n".join(part.text for part in LAYOUT.parts_of(text, message, picture=picture))


def images_in(markdown: str) -> set[str]:
    return {str(token.attrs["src"]) for token in shown(markdown) if token.type == "image"}


@pytest.mark.parametrize("source", [MEDIA_ID, "$iAEKAqNqcGcDBgTNA", f"https://{OWN}/images/a.png"])
def test_the_picture_of_this_house_is_an_image(source: str) -> None:
    assert said("> 雪山", source) == f"![图片]({source})\n\n> 雪山"
    assert images_in(said("> 雪山", source)) == {source}


def test_the_title_is_of_the_words_and_not_of_the_picture() -> None:
    (part,) = LAYOUT.parts_of("> 雪山", message_saying("x"), picture=MEDIA_ID)

    assert part.title == "雪山"


def test_the_picture_comes_first_of_several_parts_and_only_once() -> None:
    parts = LAYOUT.parts_of("字" * 9000, message_saying("x"), picture=MEDIA_ID)

    assert len(parts) > 1
    assert [MEDIA_ID in part.text for part in parts] == [True] + [False] * (len(parts) - 1)
    assert parts[0].text.startswith(f"(1/{len(parts)})\n\n![图片]({MEDIA_ID})\n\n字")


@pytest.mark.parametrize("wish", ["a) ![x](https://evil/i", 'x "t"', "a\n\n# b", "<b>"])
def test_a_source_cannot_break_out_of_its_brackets(wish: str) -> None:
    (line, rest) = said("> 雪山", f"@l{wish}").split("\n\n")

    assert len(images_in(line)) == 1
    assert rest == "> 雪山"


@pytest.mark.parametrize("source", [MEDIA_ID, "$iAEKAqNqcGcDBgTNA", "@all"])
def test_a_model_s_text_shows_no_media_id(source: str) -> None:
    """Whoever could bring a model to write one would choose what people see."""
    for text in (f"![x]({source})", f"![x](<{source}>)", f"![x][1]\n\n[1]: {source}"):
        assert images_in(said(text)) == set()
        assert images_in(said(text, MEDIA_ID)) == {MEDIA_ID}


def test_a_model_s_text_shows_images_of_the_own_host_only() -> None:
    assert images_in(said(f"![x](https://{OWN}/images/a.png)"))
    assert not images_in(said("![x](https://evil.example/a.png)"))


prompts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(prompts)
@example("![x](http://evil)")
@example("`code` and ```\nfence\n```")
@example("&lt;img src=x&gt; &#33;[x](https://evil) &amp;#91;")
@example("[x][1]\n\n[1]: https://evil")
@example("\\[x](https://evil) \\\\[x](https://evil)")
@example("| a |\n|---|\n~~~")
def test_a_prompt_is_words_and_nothing_else(prompt: str) -> None:
    text = said(CHINESE.pictures.shown.format(prompt=literal(prompt, longest=300)))

    for token in shown(text):
        assert token.type in ALLOWED
    assert "@all" not in re.sub(r"https?://\S+", "", text)


@given(st.text(st.sampled_from("ab *_`#~|+-\\[]<>!@&;雪"), max_size=30))
def test_a_prompt_is_shown_as_it_was_typed(prompt: str) -> None:
    text = said(CHINESE.pictures.shown.format(prompt=f".{literal(prompt, longest=300)}."))

    (seen,) = {
        "".join(child.content for child in token.children or [])
        for token in shown(text)
        if token.type == "inline"
    }
    assert seen == f".{' '.join(prompt.split())}.".replace("@", "＠")


@given(st.text("ab ", max_size=12), st.integers(1, 8))
def test_what_is_cut_says_so(text: str, longest: int) -> None:
    words = " ".join(text.split())
    cut = literal(text, longest=longest)

    assert len(cut) <= longest
    assert cut == words if len(words) <= longest else cut.endswith("…")
