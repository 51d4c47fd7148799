"""Prompt templates, and how a #title becomes a full question."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import InvalidValue

AFTER_TITLE = frozenset(":：,，")
"""Besides white space, what may part a title from the words after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """Words around a question, called by `#title`."""

    title: str
    prefix: str
    suffix: str = ""

    def __post_init__(self) -> None:
        if not self.title or self.title != "".join(self.title.split()):
            raise InvalidValue(
                f"the title of a template has letters and no white space: {self.title!r}"
            )

    def around(self, words: str) -> str:
        return f"{self.prefix}{words}{self.suffix}"


def words_after(title: str, text: str) -> str | None:
    """What follows the title at the start of `text`, or None if it does not stand there whole."""
    size = len(title)
    # Folding may change the length of a word, so compare piece by piece and not prefixes.
    if text[:size].casefold() != title.casefold():
        return None
    rest = text[size:]
    if rest and not rest[0].isspace() and rest[0] not in AFTER_TITLE:
        return None
    return rest.lstrip().lstrip("".join(AFTER_TITLE)).strip()


@dataclass(frozen=True, slots=True)
class PromptBook:
    """All templates, in the order in which they are listed."""

    templates: tuple[PromptTemplate, ...] = ()

    def __post_init__(self) -> None:
        titles = [template.title.casefold() for template in self.templates]
        if len(set(titles)) != len(titles):
            raise InvalidValue("two templates have one title")

    @classmethod
    def of(cls, templates: Iterable[PromptTemplate]) -> "PromptBook":
        return cls(tuple(templates))

    def named_in(self, text: str) -> tuple[PromptTemplate, str] | None:
        """The template whose title begins `text` and the words after it; the longest title wins."""
        for template in sorted(self.templates, key=lambda one: -len(one.title)):
            words = words_after(template.title, text)
            if words is not None:
                return template, words
        return None
