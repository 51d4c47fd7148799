"""What was found about one hop."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Language = Literal["zh", "en"]


class Verdict(Enum):
    """How a hop does."""

    WELL = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It cannot be told, or there is nothing to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sentence in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that can be wrong: what it is, and the way to mend it. `code` names it in the documents."""

    code: str
    told: Told
    mend: Told
    verdict: Verdict = Verdict.FAILED


ALL: dict[str, Trouble] = {}
"""Every trouble that a module of this package declares, by its code."""


def trouble(
    code: str, told: tuple[str, str], mend: tuple[str, str], verdict: Verdict = Verdict.FAILED
) -> Trouble:
    """Declare a trouble: its sentence and its remedy, each in Chinese and in English."""
    made = Trouble(
        code=code,
        told=Told(zh=told[0], en=told[1]),
        mend=Told(zh=mend[0], en=mend[1]),
        verdict=verdict,
    )
    ALL[code] = made
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`about` is which of several (a provider, a robot); `fact` is what was measured or heard, no secret."""

    hop: str
    about: str = ""
    trouble: Trouble | None = None
    fact: str = ""

    @property
    def verdict(self) -> Verdict:
        return self.trouble.verdict if self.trouble else Verdict.WELL
