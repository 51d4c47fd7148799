"""The sentences about configurations, for operators: mistakes and notes in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from entrypoints.settings.texts.mistakes import en as mistakes_en
from entrypoints.settings.texts.mistakes import zh as mistakes_zh
from entrypoints.settings.texts.notes import en as notes_en
from entrypoints.settings.texts.notes import zh as notes_zh

Language: TypeAlias = Literal["zh", "en"]

CATALOGUES: Mapping[Language, Mapping[str, str]] = {
    "zh": {**mistakes_zh.CHINESE, **notes_zh.CHINESE},
    "en": {**mistakes_en.ENGLISH, **notes_en.ENGLISH},
}


class Told(Protocol):
    """Something with words in both languages."""

    def told(self, language: Language) -> str: ...


Value: TypeAlias = str | int | float | Told | tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the catalogues with what fills its places; texts within are told in the same language."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def told(self, language: Language) -> str:
        catalogue = CATALOGUES[language]
        filled = {name: _told(value, language) for name, value in self.values}
        return catalogue[self.key].format(**filled)

    def __str__(self) -> str:
        """In English, as the log has it."""
        return self.told("en")


def say(key: str, /, **values: Value) -> Text:
    """The sentence of that key; `values` fill its places."""
    return Text(key, tuple(values.items()))


def _told(value: Value, language: Language) -> str:
    if isinstance(value, tuple):
        return CATALOGUES[language]["separator"].join(one.told(language) for one in value)
    if isinstance(value, str | int | float):
        return str(value)
    return value.told(language)
