"""Sensitive words in plain texts, in Markdown as it is shown, and in streams."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, compress, repeat
from typing import TypeAlias

from domain.sensitive_words.folding import FOLDING, fold, sizes
from domain.sensitive_words.readings import (
    OTHER_READINGS,
    Reading,
    as_it_stands,
    as_typed,
    code_stretches,
    decoded,
)

MASK = "*"

Span: TypeAlias = tuple[int, int]
"""Where a word was found: start and end in characters of the folded text."""

FindWords: TypeAlias = Callable[[str], Iterable[Span]]
"""Every occurrence of every word in a folded text, overlapping ones too, in any order."""

MakeFinder: TypeAlias = Callable[[tuple[str, ...]], FindWords]
"""Builds a search for the given folded words (at least one, none empty, none twice)."""

ReadMarkdown: TypeAlias = Callable[[str], Iterable[str]]
"""The texts that readers of a Markdown text get to see, one for each way in which it may be shown."""

MOST_ROUNDS = 8
"""How often what masks have brought together is looked through again."""

LONGEST_VERIFIED = 20_000
"""Characters of a text that parsers are asked about. What is longer is searched as it stands only."""

MOST_COMPARED = 1_000
"""Words of which each is compared with the letters of a text; of more there is nearly always one."""

_RUN = re.compile(rb"\x01++")
_OPPOSITE = bytes.maketrans(b"\x00\x01", b"\x01\x00")


def unread(_markdown: str) -> Iterable[str]:
    """No other readings than those of this package."""
    return ()


class SensitiveWords:
    """Words that are neither taken nor said. Entries that are blank, or only marks, are ignored.

    `read_markdown` gives further readings of a text; nothing that one of them shows holds a word.
    """

    __slots__ = ("_begun_by", "_find", "_letters", "_read_markdown", "_words")

    def __init__(
        self,
        words: Iterable[str],
        make_finder: MakeFinder,
        read_markdown: ReadMarkdown = unread,
    ) -> None:
        folded = sorted({fold(word) for word in words} - {""})
        self._words = folded
        self._find = make_finder(tuple(folded)) if folded else None
        self._read_markdown = read_markdown
        self._letters = frozenset("".join(folded))
        self._begun_by: dict[str, list[str]] = {}
        for word in folded:
            self._begun_by.setdefault(word[0], []).append(word)

    def __len__(self) -> int:
        return len(self._words)

    def found_in(self, text: str) -> bool:
        """Whether the text itself holds a word, as it stands."""
        return self._find is not None and any(True for _ in self._find(fold(text)))

    def mask(self, text: str) -> str:
        """The plain text with `*` for every character of every word, until no word is left.

        A mask counts for nothing, so a word that stands around another one is masked too.
        """
        hidden = self._hidden_in(text)
        return text if hidden is None else _plainly_masked(text, hidden)

    def shown_by(self, markdown: str) -> bool:
        """Whether a word is there, or comes out once the text is shown as Markdown."""
        if not self._could_hold(markdown):
            return False
        if self.found_in(markdown):
            return True
        others = (read(markdown) for read in OTHER_READINGS)
        return any(one.changes and self.found_in(one.text) for one in others) or self._comes_out(
            markdown
        )

    def mask_as_shown(self, markdown: str) -> str:
        """The Markdown masked so that no way of showing it shows a word; nothing else is lost.

        A mask is an asterisk that is text: it stands behind a backslash, except in code.
        """
        return self._masked_as_shown(markdown, is_markdown=True)

    def mask_typed(self, text: str) -> str:
        """The same for what is shown as it was typed: a mask is an asterisk and nothing else."""
        return self._masked_as_shown(text, is_markdown=False)

    def masking(self) -> "MaskedStream":
        return MaskedStream(self)

    def parts_from_others(self, character: str) -> bool:
        """Whether no word reaches over this character."""
        return any(letter not in self._letters for letter in FOLDING[ord(character)])

    def _masked_as_shown(self, text: str, *, is_markdown: bool) -> str:
        before = ""
        while text != before:
            if not self._could_hold(text):
                return text
            before = text
            for read in (as_it_stands, *OTHER_READINGS):
                reading = read(text)
                # Without changes it is the text as it stands, in which nothing is left.
                is_new = reading.changes or read is as_it_stands
                hidden = self._hidden_in(reading.text) if is_new else None
                if hidden is not None:
                    text = _with_masks(reading, hidden, is_markdown=is_markdown)
        return self._verified(text, is_markdown=is_markdown)

    def _verified(self, text: str, *, is_markdown: bool) -> str:
        """Where a parser still shows a word, every letter of it is masked wherever it stands."""
        for letters_of in (self._letters_coming_out, lambda _: self._letters):
            if not self._comes_out(text):
                break
            letters, reading = letters_of(text), as_typed(text)
            hidden = bytearray(not letters.isdisjoint(FOLDING[ord(one)]) for one in reading.text)
            text = _with_masks(reading, hidden, is_markdown=is_markdown)
        if self._comes_out(text):
            # The letters stand nowhere: they come out of an entity that others put together.
            reading = as_typed(text)
            text = _with_masks(reading, reading.changed(), is_markdown=is_markdown)
        return text

    def _letters_coming_out(self, text: str) -> frozenset[str]:
        found: set[str] = set()
        for shown in self._shown(text):
            folded = fold(shown)
            for start, end in self._spans_in(folded):
                found.update(folded[start:end])
        return frozenset(found)

    def _comes_out(self, text: str) -> bool:
        """Whether the reading of a parser shows a word."""
        return len(text) <= LONGEST_VERIFIED and any(
            self.found_in(shown) for shown in self._shown(text)
        )

    def _shown(self, text: str) -> Iterator[str]:
        for shown in self._read_markdown(text):
            yield shown
            if "&" in shown:
                yield decoded(shown)

    def _could_hold(self, text: str) -> bool:
        """Whether the text has all the letters of a word: laying it out costs more than looking."""
        if self._find is None:
            return False
        letters = set(fold(text))
        if (typed := as_typed(text)).changes:
            # An entity may come out of several.
            letters.update(fold(typed.text), fold(decoded(typed.text)))
        letters &= self._letters
        begun = letters & self._begun_by.keys()
        if len(self._words) > MOST_COMPARED:
            return bool(begun)
        return any(letters.issuperset(word) for first in begun for word in self._begun_by[first])

    def _spans_in(self, folded: str) -> Iterable[Span]:
        return () if self._find is None else self._find(folded)

    def _hidden_in(self, text: str) -> bytearray | None:
        """For each character whether it has to be masked; None where there are none."""
        letters = fold(text)
        if not (spans := list(self._spans_in(letters))):
            return None
        hidden = bytearray(len(text))
        owners = _owners_in(text)
        turn = 0
        while spans:
            turn += 1
            found = bytearray(len(letters))
            for start, end in spans:
                found[start:end] = b"\x01" * (end - start)
            if turn > MOST_ROUNDS:
                # Words in words in words: not one of their letters stays, and in the end none of any.
                unwanted = set(compress(letters, found))
                everywhere = unwanted if turn <= 2 * MOST_ROUNDS else self._letters
                found = bytearray(letter in everywhere for letter in letters)
            for owner in compress(owners, found):
                hidden[owner] = 1
            # A character may own several letters: none of them is left.
            kept = bytes(map(hidden.__getitem__, owners)).translate(_OPPOSITE)
            letters = "".join(compress(letters, kept))
            owners = list(compress(owners, kept))
            spans = list(self._spans_in(letters))
        return hidden


def _owners_in(text: str) -> Sequence[int]:
    """For each letter of the folded text the place of the character that it comes from."""
    counts = sizes(text)
    if counts.count("\x01") == len(text):
        return range(len(text))
    numbers = list(map(ord, counts))
    if max(numbers, default=0) <= 1:
        return list(compress(range(len(text)), numbers))
    return list(chain.from_iterable(map(repeat, range(len(text)), numbers)))


def _plainly_masked(text: str, hidden: bytearray) -> str:
    pieces: list[str] = []
    kept_from = 0
    for run in _RUN.finditer(hidden):
        start, end = run.span()
        pieces += (text[kept_from:start], MASK * (end - start))
        kept_from = end
    return "".join([*pieces, text[kept_from:]])


def _with_masks(reading: Reading, hidden: bytearray, *, is_markdown: bool) -> str:
    """The source with a mask for each of its stretches that stands for something hidden."""
    source = reading.source
    if not is_markdown and not reading.changes:
        return _plainly_masked(source, hidden)
    code = iter(code_stretches(source) if is_markdown else [])
    code_start, code_end = next(code, (len(source), len(source)))
    pieces, kept_from = [], 0
    for start, end, count in _stretches(reading, hidden):
        while code_end <= start:
            code_start, code_end = next(code, (len(source), len(source) + 1))
        pieces.append(source[kept_from:start])
        if is_markdown and not code_start <= start < code_end:
            first = _escaped_mask(source, kept_from, start)
            pieces.append(first + f"\\{MASK}" * (count - 1))
        else:
            pieces.append(MASK * count)
        kept_from = end
    return "".join([*pieces, source[kept_from:]])


def _stretches(reading: Reading, hidden: bytearray) -> Iterator[tuple[int, int, int]]:
    """Where in the source something hidden stands, and how many masks it gets.

    Characters that are seen as they are get one each; what is seen as something else gets one.
    """
    source_place = text_place = 0
    for start, end, shown in (*reading.changes, (len(reading.source), len(reading.source), "")):
        ahead = source_place - text_place
        text_end = start - ahead
        for run in _RUN.finditer(hidden, text_place, text_end):
            yield run.start() + ahead, run.end() + ahead, run.end() - run.start()
        text_place = text_end + len(shown)
        if 1 in hidden[text_end:text_place]:
            yield start, end, 1
        source_place = end


def _escaped_mask(source: str, kept_from: int, start: int) -> str:
    """A backslash in front of the mask would take the mask's own one for itself."""
    before = source[kept_from:start]
    slashes = len(before) - len(before.rstrip("\\"))
    return "\\" * (1 + slashes % 2) + MASK


class MaskedStream:
    """Masks a text that arrives in pieces; what it gives out, put together, is the masked whole.

    Text is given out up to a character that no word reaches over. What is shown never changes and never holds
    a word, whatever comes.
    """

    __slots__ = ("_held", "_words")

    def __init__(self, words: SensitiveWords) -> None:
        self._words = words
        self._held: list[str] = []

    def feed(self, piece: str) -> str:
        """Take more text and give out what can no longer be part of an unseen word, masked."""
        for place in range(len(piece) - 1, -1, -1):
            if not len(self._words) or self._words.parts_from_others(piece[place]):
                given = self._words.mask("".join([*self._held, piece[: place + 1]]))
                self._held = [piece[place + 1 :]]
                return given
        self._held.append(piece)
        return ""

    def close(self) -> str:
        """Give out the rest; the text has ended."""
        rest, self._held = "".join(self._held), []
        return self._words.mask(rest)
