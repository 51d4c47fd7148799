"""What of a character counts when words are compared, by its properties in Unicode."""

import re
import unicodedata
from collections.abc import Callable

MARKDOWN_MARKS = frozenset("*_~`[]\\")
"""What Markdown takes away from between letters when it is shown."""

INVISIBLE_RANGES = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x2065, 0x2065),
    (0x3164, 0x3164),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),
)
"""Default_Ignorable_Code_Point as far as it is neither a format character nor a variation selector.

Source: Unicode, DerivedCoreProperties.txt (Other_Default_Ignorable_Code_Point). The others of that property
have the general category Cf or Mn, which the standard library knows.
"""

BLANK_SYMBOLS = frozenset("\u2800\ufffc\U0001d159\U00013441\U00013442")
"""Empty pattern of Braille, object replacement, null note head, blank hieroglyphs: letters and symbols by
their category, and nothing on the screen."""

UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Zs", "Zl", "Zp"})

_LETTER_SYMBOL = re.compile("NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])")

_INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        *INVISIBLE_RANGES,
        # What Unicode says will never be a character.
        (0xFDD0, 0xFDEF),
        *((plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF) for plane in range(17)),
    )
    for code in range(first, last + 1)
)


def is_unseen(character: str) -> bool:
    """Whether a reader sees nothing of it, or only a mark on the letter before."""
    return (
        unicodedata.category(character) in UNSEEN_CATEGORIES
        or character in _INVISIBLE
        or character in BLANK_SYMBOLS
        or character.isspace()
    )


def _folded_character(character: str) -> str:
    """The character as words are compared: "" if it does not count, several where it stands for several."""
    if unicodedata.category(character) in {"Cn", "Co"}:
        return "" if character in _INVISIBLE else character
    # Marks go before the case is folded: one of them (U+0345) would become a letter.
    letters = "".join(_letters_of(unicodedata.normalize("NFKD", character)))
    kept = "".join(_letters_of(unicodedata.normalize("NFKD", letters.casefold())))
    # Syllables of Hangul decompose into letters and not into a letter with marks: they stay whole.
    return unicodedata.normalize("NFC", kept)


def _letters_of(decomposed: str) -> list[str]:
    return [
        _as_plain(one) for one in decomposed if one not in MARKDOWN_MARKS and not is_unseen(one)
    ]


def _as_plain(character: str) -> str:
    """The digits of a number of any script, and the letter in a symbol that is no compatible form of it."""
    category = unicodedata.category(character)
    if category in {"Nd", "No"} and (value := unicodedata.numeric(character)).is_integer():
        return str(int(value))
    if category == "So" and (name := _LETTER_SYMBOL.fullmatch(unicodedata.name(character, ""))):
        return name[1]
    return character


class _Remembering(dict[int, str]):
    """What each character becomes, for `str.translate`, remembered for as many as there is room."""

    __slots__ = ("_become",)

    capacity = 50_000

    def __init__(self, become: Callable[[int], str]) -> None:
        super().__init__()
        self._become = become

    def __missing__(self, code: int) -> str:
        if len(self) >= self.capacity:
            self.clear()
        become = self[code] = self._become(code)
        return become


FOLDING = _Remembering(lambda code: _folded_character(chr(code)))
_SIZES = _Remembering(lambda code: chr(len(FOLDING[code])))


def fold(text: str) -> str:
    """The text as words are compared.

    Case, width, accents, what is invisible, Markdown marks and spacing do not count. Each character folds by
    itself, so the folding of a text is that of its pieces put together.
    """
    return text.translate(FOLDING)


def sizes(text: str) -> str:
    """For each character of the text one whose code is the number of letters that it folds to."""
    return text.translate(_SIZES)
