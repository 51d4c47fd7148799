"""A search for many words at once whose cost does not grow with their number (Aho-Corasick)."""

from collections.abc import Iterable

from daachorse import CharwiseDoubleArrayAhoCorasick

from domain.sensitive_words import FindWords, Span


def aho_corasick(words: tuple[str, ...]) -> FindWords:
    """Every occurrence of every word, overlapping ones too, in characters of the text."""
    automaton = CharwiseDoubleArrayAhoCorasick(list(words))

    def find(text: str) -> Iterable[Span]:
        return ((start, end) for start, end, _ in automaton.find_overlapping(text))

    return find
