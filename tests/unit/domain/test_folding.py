"""What of a character counts: judged by names and properties in Unicode, never by lists of blocks."""

import sys
import unicodedata

import pytest

from domain.sensitive_words.folding import FOLDING, INVISIBLE_RANGES, fold, is_unseen

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


def test_nothing_that_modifies_or_hides_counts() -> None:
    for character in EVERY:
        if unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc", "Cs", "Zs", "Zl", "Zp"}:
            assert fold(character) == ""


def test_fillers_blanks_and_what_is_reserved_for_the_invisible_do_not_count() -> None:
    """The names say what the properties mean; the ranges are those that Unicode reserves as ignorable."""
    for character in EVERY:
        name = unicodedata.name(character, "")
        if (
            ("HANGUL" in name and "FILLER" in name)
            or "VARIATION SELECTOR" in name
            or name.startswith("TAG ")
        ):
            assert fold(character) == "", name
    for reserved in ("\u2065", "\ufff0", "\ufff8", "\U000e0000", "\U000e0fff"):
        assert fold(reserved) == ""
    for blank in "\u2800\ufffc\U0001d159\u034f\u180b\u180e\u3164\uffa0\u115f\u1160":
        assert fold(blank) == "", ascii(blank)


def test_characters_that_are_none_do_not_count() -> None:
    for plane in range(17):
        assert fold(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF)) == ""
    assert fold("".join(map(chr, range(0xFDD0, 0xFDF0)))) == ""


def test_the_ranges_hold_no_letter_that_is_seen() -> None:
    seen = {
        chr(code)
        for first, last in INVISIBLE_RANGES
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cf", "Mn"}
    }

    assert {unicodedata.name(one) for one in seen} == {
        "HANGUL CHOSEONG FILLER",
        "HANGUL JUNGSEONG FILLER",
        "HANGUL FILLER",
        "HALFWIDTH HANGUL FILLER",
    }


def test_letters_numbers_and_signs_count() -> None:
    for character in EVERY:
        if (
            unicodedata.category(character) in {"Lu", "Ll", "Nd", "Sm", "Sc"}
            and unicodedata.normalize("NFKD", character) != "~"
        ):
            assert fold(character), unicodedata.name(character, "?")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ḃ", "b"),
        ("ẘ", "w"),
        ("ǻ", "a"),
        ("ﬃ", "ffi"),
        ("Ⅷ", "viii"),
        ("ß", "SS"),
        ("Ａ", "a"),
        ("が", "か"),
        ("ᾳ", "α"),
        ("α\u0345", "α"),
        ("①", "1"),
        ("각", "각"),
        ("b\u05b0\u0e34\u0941\u302a\ua670\U0001e000", "b"),
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), [("가", "각"), ("坏", "怀"), ("l", "ł"), ("0", "o")])
def test_these_are_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_folding_twice_is_folding_once() -> None:
    for character in EVERY:
        assert fold(fold(character)) == fold(character)


def test_however_many_characters_are_folded_the_memory_of_it_is_bounded() -> None:
    assert fold("".join(EVERY))
    assert fold("ＡＢ") == "ab"
    assert len(FOLDING) <= FOLDING.capacity


def test_an_ordinary_letter_is_seen() -> None:
    assert not any(map(is_unseen, "a1坏★!"))
