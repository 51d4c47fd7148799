"""Words that may be neither asked nor answered, in whole texts and in streams."""

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import TypeAlias

MASK = "*"

Span: TypeAlias = tuple[int, int]
"""Where a word was found: start and end in characters of the folded text."""

FindWords: TypeAlias = Callable[[str], Iterable[Span]]
"""Every occurrence of every word in a folded text, overlapping ones too, in any order."""

MakeFinder: TypeAlias = Callable[[tuple[str, ...]], FindWords]
"""Builds a search for the given folded words (at least one, none empty, none twice)."""

DECOMPOSED_BELOW = 0x0530
"""Latin, Greek and Cyrillic letters are compared without their accents."""

COMBINING = frozenset(
    chr(code)
    for first, last in (
        (0x0300, 0x036F),
        (0x1AB0, 0x1AFF),
        (0x1DC0, 0x1DFF),
        (0x20D0, 0x20FF),
        (0xFE00, 0xFE0F),
        (0xFE20, 0xFE2F),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
"""Accents to be put on other letters, and variation selectors."""

MARKDOWN_MARKS = frozenset("*_~`[]\\")
"""What Markdown takes away from between letters when it is shown."""

LINK_TARGET = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")


def _folded_character(character: str) -> str:
    """The character as words are compared: "" if it does not count, several where it stands for several."""
    kept = []
    for one in unicodedata.normalize("NFKC", character).casefold():
        base = unicodedata.normalize("NFD", one)[0] if ord(one) < DECOMPOSED_BELOW else one
        invisible = unicodedata.category(base) in {"Cf", "Cc"} or base in COMBINING
        if not (invisible or base.isspace() or base in MARKDOWN_MARKS):
            kept.append(base)
    return "".join(kept)


class _Folding(dict[int, str]):
    """Remembers how characters fold, for `str.translate`."""

    capacity = 50_000

    def __missing__(self, code: int) -> str:
        if len(self) >= self.capacity:
            self.clear()
        folded = self[code] = _folded_character(chr(code))
        return folded


FOLDING = _Folding()


def fold(text: str) -> str:
    """The text as words are compared.

    Case, width, accents, zero-width characters, Markdown marks and spacing do not count. Each character
    folds by itself, so the folding of a text is that of its pieces put together.
    """
    return text.translate(FOLDING)


def as_shown(markdown: str) -> str:
    """The text with its entities decoded and its links' addresses gone: what a reader's eye puts together."""
    return html.unescape(LINK_TARGET.sub("]", markdown))


class SensitiveWords:
    """Words the robot neither hears nor says. Entries that are blank, or only marks, are ignored."""

    __slots__ = ("_find", "_words", "longest")

    def __init__(self, words: Iterable[str], make_finder: MakeFinder) -> None:
        folded = sorted({fold(word) for word in words} - {""})
        self._words = folded
        self._find = make_finder(tuple(folded)) if folded else None
        self.longest = max(map(len, folded), default=0)

    def __len__(self) -> int:
        return len(self._words)

    def found_in(self, text: str) -> bool:
        return self._find is not None and any(True for _ in self._find(fold(text)))

    def mask(self, text: str) -> str:
        """The text with `*` for every character of every word; what stands between them stays."""
        if not self.found_in(text):
            return text
        stream = self.masking()
        return stream.feed(text) + stream.close()

    def shown_by(self, markdown: str) -> bool:
        """Whether a word is there, or comes out once the text is shown as Markdown."""
        return self.found_in(markdown) or self.found_in(as_shown(markdown))

    def mask_as_shown(self, markdown: str) -> str:
        """The text masked; if showing it as Markdown would put a word together, what is shown, masked."""
        masked = self.mask(markdown)
        shown = as_shown(masked)
        return self.mask(shown) if self.found_in(shown) else masked

    def masking(self) -> "MaskedStream":
        return MaskedStream(self)

    def spans_in(self, folded: str) -> Iterable[Span]:
        return () if self._find is None else self._find(folded)

    def open_tail(self, folded: str) -> int:
        """How many characters at the end may be the beginning of a word that is not complete yet."""
        if self._find is None:
            return 0
        for size in range(min(self.longest - 1, len(folded)), 0, -1):
            if self._begins_a_longer_word(folded[-size:]):
                return size
        return 0

    def _begins_a_longer_word(self, tail: str) -> bool:
        place = bisect_left(self._words, tail)
        if place < len(self._words) and self._words[place] == tail:
            place += 1
        return place < len(self._words) and self._words[place].startswith(tail)


class MaskedStream:
    """Masks a text that arrives in pieces; what it gives out, put together, is the masked whole.

    A tail that may still become a word is held back until more text or the end decides.
    """

    __slots__ = ("_folded", "_held", "_hidden", "_owners", "_words")

    def __init__(self, words: SensitiveWords) -> None:
        self._words = words
        self._held: list[str] = []
        self._hidden: list[bool] = []
        self._folded = ""
        self._owners: list[int] = []

    def feed(self, piece: str) -> str:
        """Take more text and give out what can no longer be part of an unseen word, masked."""
        self._take(piece)
        for start, end in self._words.spans_in(self._folded):
            for owner in self._owners[start:end]:
                self._hidden[owner] = True
        return self._give(self._words.open_tail(self._folded))

    def close(self) -> str:
        """Give out the rest; the text has ended."""
        return self._give(0)

    def _take(self, piece: str) -> None:
        for place, character in enumerate(piece, start=len(self._held)):
            self._owners.extend([place] * len(FOLDING[ord(character)]))
        self._held.extend(piece)
        self._hidden.extend([False] * len(piece))
        self._folded += fold(piece)

    def _give(self, tail: int) -> str:
        kept_from = self._owners[len(self._folded) - tail] if tail else len(self._held)
        given = "".join(
            MASK if hidden else one
            for one, hidden in zip(self._held[:kept_from], self._hidden[:kept_from], strict=True)
        )
        self._held = self._held[kept_from:]
        self._hidden = self._hidden[kept_from:]
        self._folded = self._folded[len(self._folded) - tail :]
        self._owners = [owner - kept_from for owner in self._owners[len(self._owners) - tail :]]
        return given
