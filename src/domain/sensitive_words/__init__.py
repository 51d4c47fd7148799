"""Words that may be neither asked nor answered: how they are compared, found and masked."""

from domain.sensitive_words.folding import FOLDING, fold
from domain.sensitive_words.words import (
    MASK,
    FindWords,
    MakeFinder,
    MaskedStream,
    ReadMarkdown,
    SensitiveWords,
    Span,
)

__all__ = [
    "FOLDING",
    "MASK",
    "FindWords",
    "MakeFinder",
    "MaskedStream",
    "ReadMarkdown",
    "SensitiveWords",
    "Span",
    "fold",
]
