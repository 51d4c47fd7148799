"""Sensitive words: hidden nowhere, masked everywhere, never shown in a stream."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entities import unescaped
from domain.sensitive_words import FOLDING, MASK, SensitiveWords, fold
from domain.sensitive_words.words import LONGEST_VERIFIED, MOST_COMPARED
from tests.strategies import find_by_looking, sensitive_words, texts, word_lists

pieces = st.lists(texts, max_size=6)


def words(*entries: str) -> SensitiveWords:
    return SensitiveWords(entries, find_by_looking)


def hidden_places(entries: frozenset[str], text: str) -> set[int]:
    """The oracle: every character that counts towards an occurrence of a word, found by hand.

    What has been found counts no more, so what stands around it is looked through again.
    """
    hidden: set[int] = set()
    while found := _found_by_hand(entries, text, hidden):
        hidden |= found
    return hidden


def _found_by_hand(entries: frozenset[str], text: str, hidden: set[int]) -> set[int]:
    left = [(place, one) for place, one in enumerate(text) if place not in hidden]
    owners = [place for place, one in left for _ in fold(one)]
    folded = fold("".join(one for _, one in left))
    return {
        owner
        for word in {fold(entry) for entry in entries} - {""}
        for start in range(len(folded) - len(word) + 1)
        if folded[start : start + len(word)] == word
        for owner in owners[start : start + len(word)]
    }


@given(word_lists, texts)
def test_exactly_the_characters_of_words_are_masked(entries: frozenset[str], text: str) -> None:
    hidden = hidden_places(entries, text)

    masked = SensitiveWords(entries, find_by_looking).mask(text)

    assert masked == "".join(MASK if place in hidden else one for place, one in enumerate(text))


@given(word_lists, texts)
def test_a_text_holds_a_word_if_anything_of_it_is_masked(
    entries: frozenset[str], text: str
) -> None:
    found = SensitiveWords(entries, find_by_looking).found_in(text)

    assert found == bool(hidden_places(entries, text))


@given(sensitive_words, pieces)
def test_a_stream_masks_as_the_whole_does_however_it_is_cut(
    listed: SensitiveWords, cut: list[str]
) -> None:
    stream = listed.masking()

    shown = "".join([stream.feed(piece) for piece in cut] + [stream.close()])

    assert shown == listed.mask("".join(cut))


@given(sensitive_words, pieces, texts)
def test_what_a_stream_has_shown_stays_true_whatever_comes(
    listed: SensitiveWords, cut: list[str], rest: str
) -> None:
    stream = listed.masking()

    shown = "".join(stream.feed(piece) for piece in cut)

    assert listed.mask("".join(cut) + rest).startswith(shown)


@given(pieces)
def test_a_stream_without_words_holds_nothing_back(cut: list[str]) -> None:
    stream = words().masking()

    assert [stream.feed(piece) for piece in cut] == cut


@given(texts, texts)
def test_folding_goes_piece_by_piece(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)


def test_a_text_of_more_characters_than_are_remembered_is_masked_like_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(FOLDING), "capacity", 10)
    text = "".join(map(chr, range(0x4DF0, 0x4E10)))

    masked = words("一丁").mask(text)

    assert masked == text.replace("一丁", MASK * 2)


@pytest.mark.parametrize(
    "disguise",
    [
        "VPN",
        "ｖｐｎ",
        "v\u200bp\u200dn",
        "v p n",
        "v\n p\t\u3000n",
        "v\u00adp\u2060n",
        "𝐯𝐩𝐧",
        "v\u0301p\u0302n",
        "v**p**n",
        "v_p_n",
        "v`p`n",
        "\u24e5\u24df\u24dd",
        "\U0001f165\U0001f15f\U0001f15d",
        "\U0001f185\U0001f17f\U0001f17d",
        "\U0001d54d\u2119\u2115",
        "\u1d65\u209a\u2099",
    ],
    ids=ascii,
)
def test_a_disguise_does_not_hide_a_word(disguise: str) -> None:
    assert words("vpn").found_in(f"用{disguise}吧")


def test_a_flag_is_no_pair_of_letters() -> None:
    assert not words("cn").found_in("\U0001f1e8\U0001f1f3")
    assert not words("\U0001f1e8\U0001f1f3").found_in("example.cn")


@pytest.mark.parametrize(
    "digits", ["１０", "①⓪", "➊⓿", "⑩", "❿", "١٠", "१०", "𝟏𝟎", "¹⁰", "1️⃣0️⃣"], ids=ascii
)
def test_digits_are_the_same_in_every_script(digits: str) -> None:
    assert words("10").mask(digits).replace("\ufe0f", "").replace("\u20e3", "").strip("*") == ""
    assert not words("十").found_in(digits)


@pytest.mark.parametrize(
    "disguise",
    [
        "敏&#24863;",
        "敏&#x611F;",
        "敏&#00000024863;",
        "敏&#x0000611f",
        "敏&amp#24863;",
        "敏&#38;#24863;",
        "敏&shy感",
        "敏&amp;amp;nbsp感",
        "敏\n- ```py\n感",
        "敏\n1. ~~~ x\n感",
        "敏&zwj;感",
        "敏&nbsp;感",
        "敏[感](http://a.example)",
        "[敏](http://a.example)感",
        '[敏](http://a.example "title")感',
        "敏\\感",
        "敏\\*感",
        "![敏](x)&#24863;",
    ],
    ids=ascii,
)
def test_a_word_that_comes_out_when_markdown_is_shown_is_masked(disguise: str) -> None:
    listed = words("敏感")

    masked = listed.mask_as_shown(f"很{disguise}啊")

    assert listed.shown_by(disguise)
    assert not listed.shown_by(masked)
    assert masked.startswith("很")
    assert masked.endswith("啊")


@pytest.mark.parametrize(
    "text", ["`&lt;div&gt;` [看](http://a.example)", "a &amp; 敏感 [b](c)", "敏"]
)
def test_where_showing_brings_nothing_out_a_text_keeps_its_form(text: str) -> None:
    listed = words("敏感")

    assert listed.mask_as_shown(text) == listed.mask(text).replace(MASK, f"\\{MASK}")
    assert listed.mask_typed(text) == listed.mask(text)


@given(sensitive_words, texts)
def test_what_is_masked_as_shown_shows_no_word(listed: SensitiveWords, text: str) -> None:
    masked = listed.mask_as_shown(text)

    assert not listed.shown_by(masked)


@pytest.mark.parametrize(
    ("listed", "text", "masked"),
    [
        (("ab", "abc"), "xabcx", "x***x"),
        (("ab", "bc"), "abc", "***"),
        (("ab",), "abab", "****"),
        (("敏感",), "敏**感**", "***" + "***"),
        (("敏感",), "很敏 感啊", "很* *啊"),
        (("İstanbul",), "istanbul", "********"),
        (("straße",), "STRASSE", "*******"),
        (("café",), "cafe cafe\u0301", "**** ****\u0301"),
        (("가",), "각 가", "각 *"),
    ],
)
def test_masking_by_example(listed: tuple[str, ...], text: str, masked: str) -> None:
    assert words(*listed).mask(text) == masked


@pytest.mark.parametrize("blank", ["", " ", "\n", "\u200b", "\ufeff", "**", "　"])
def test_a_blank_entry_is_no_word(blank: str) -> None:
    listed = words(blank)

    assert len(listed) == 0
    assert not listed.found_in("anything * at all")
    assert listed.mask("anything * at all") == "anything * at all"


def test_the_beginning_of_a_word_is_held_back_until_it_is_decided() -> None:
    stream = words("abcd").masking()

    assert stream.feed("xab") == "x"
    assert stream.feed("c") == ""
    assert stream.feed("x") == "abcx"
    assert stream.feed("ab") == ""
    assert stream.close() == "ab"


def test_a_word_is_held_back_while_a_mask_may_bring_the_next_one_about() -> None:
    stream = words("ab", "bcd").masking()

    assert stream.feed("ab") == ""
    assert stream.feed("x") == f"{MASK * 2}x"


def test_a_word_that_is_the_beginning_of_another_is_still_a_word() -> None:
    stream = words("ab", "abc").masking()

    assert stream.feed("ab") == ""
    assert stream.close() == MASK * 2


def test_a_character_that_stands_for_many_is_one_character() -> None:
    assert words("صلى").mask("ﷺ!") == f"{MASK}!"


WORDS_IN_WORDS = ["a" * depth + "b" * depth for depth in (2, 9, 30, 400)]


@pytest.mark.parametrize("text", WORDS_IN_WORDS, ids=len)
def test_words_in_words_in_words_are_masked_to_the_last(text: str) -> None:
    listed = words("ab")

    masked = listed.mask(f"x{text}y")

    assert masked == f"x{MASK * len(text)}y"


def test_where_nothing_else_helps_every_letter_of_a_word_is_masked() -> None:
    """The words come out of one another for ever: then none of their letters stays."""
    chain = [f"{one}{other}" for one, other in pairwise("abcdefghijklmnopqrstuv")]
    text = "".join(word[0] * 20 + word[1] * 20 for word in chain) * 2

    assert not words(*chain).found_in(words(*chain).mask(text))


def test_what_only_a_parser_shows_is_masked_letter_by_letter() -> None:
    listed = SensitiveWords(["坏词"], find_by_looking, lambda text: [text.replace("-", "")])

    assert listed.mask_as_shown("坏-词，坏人") == "\\*-\\*，\\*人"
    assert listed.mask_typed("坏-词，坏人") == "*-*，*人"
    assert listed.shown_by("坏-词")
    assert not listed.shown_by("坏人的词"[::-1])


@pytest.mark.parametrize("text", ["AT&T", "AT&amp;T", "at&#38;t", "a**t&amp**T"])
def test_a_word_with_an_ampersand_costs_no_other_letters(text: str) -> None:
    listed = SensitiveWords(["AT&T"], find_by_looking, lambda text: [unescaped(text)])

    masked = listed.mask_typed(f"at: {text}, ta")

    assert masked.startswith("at: *")
    assert masked.endswith("*, ta")
    assert not listed.shown_by(masked)


def test_long_lists_are_not_compared_word_by_word() -> None:
    others = [f"{chr(0x4E00 + place)}{chr(0x9000 - place)}" for place in range(MOST_COMPARED)]
    listed = words("敏感", *others)

    assert listed.mask_typed("敏&zwj;感，敏") == "*&zwj;*，敏"
    assert listed.mask_typed("nothing &zwj; of it") == "nothing &zwj; of it"


def test_a_second_word_that_only_a_parser_shows_costs_every_letter_of_all_words() -> None:
    def read(text: str) -> list[str]:
        return ["坏词" if "坏" in text else "xy"]

    listed = SensitiveWords(["坏词", "xy"], find_by_looking, read)

    assert listed.mask_typed("坏 - 词 - x - y - a") == "* - * - * - * - a"


def test_an_entity_is_decoded_as_often_as_anybody_may_decode_it() -> None:
    assert words("坏").shown_by(f"&{'amp;' * 3}#22351;")
    assert not words("坏").shown_by(f"&{'amp;' * 9}#22351;")


def test_entities_that_a_parser_decodes_once_more_are_no_way_out() -> None:
    listed = SensitiveWords(["坏词"], find_by_looking, lambda text: [text.replace("+", "&")])

    assert listed.mask_typed("坏+#35789;词") == "*+#35789;*"


def test_long_texts_are_not_parsed() -> None:
    listed = SensitiveWords(["坏词"], find_by_looking, lambda text: [text.replace("-", "")])
    text = "坏-词" + "x" * LONGEST_VERIFIED

    assert listed.mask_typed(text) == text
    assert not listed.shown_by(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("`坏词`", "`**`"),
        ("```\n坏词\n```\n坏词", "```\n**\n```\n\\*\\*"),
        ("~~~\n坏词", "~~~\n**"),
        ("```\n坏词\n~~~", "```\n**\n~~~"),
        ("`坏词", "`\\*\\*"),
        ("``坏词` `", "``\\*\\*` `"),
        ("`\\坏词`", "`\\\\\\*\\*`"),
        ("`a` 坏词 `b`", "`a` \\*\\* `b`"),
        ("> 坏\n> 词", "> \\*\n> \\*"),
        ("- [ ] 坏\n2. 词", "- [ ] \\*\n2. \\*"),
        ("# 坏 ##\n词", "# \\* ##\n\\*"),
        ("[坏]: http://x\n坏\n[x]: y\n词", "[坏]: http://x\n\\*\n[x]: y\n\\*"),
        ("坏<a@b.c>词", "坏<a@b.c>词"),
        ("<http://坏词>", "<http://\\*\\*>"),
        ("%E5%9D%8F词", "\\*\\*"),
        ("坏\x1b[31m词", "\\*\x1b[31m\\*"),
        ("|坏|\n|-|\n|词|", "|\\*|\n|-|\n|\\*|"),
    ],
)
def test_masks_in_markdown_by_example(text: str, masked: str) -> None:
    assert words("坏词").mask_as_shown(text) == masked


def test_without_words_nothing_is_shown_or_masked() -> None:
    nothing = words()

    assert not nothing.shown_by("a")
    assert nothing.mask_as_shown("[a](b)") == nothing.mask_typed("[a](b)") == "[a](b)"
