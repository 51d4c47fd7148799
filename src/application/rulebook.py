"""Everything the operator decides, as it is in force at one moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from application.wording import Wording
from domain.access import AccessPolicy
from domain.command import Mode
from domain.conversation import TokenBudget
from domain.prompts import PromptBook
from domain.quota import DailyQuota
from domain.sensitive_words import SensitiveWords
from domain.spending import PriceBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One consistent set of rules: a reload replaces all of it or nothing."""

    access: AccessPolicy
    quota: DailyQuota
    sensitive_words: SensitiveWords
    prompts: PromptBook
    budget: TokenBudget
    default_mode: Mode
    session_timeout: timedelta
    system_prompt: str
    help: str
    wording: Wording
    prices: PriceBook
    show_reasoning: bool = False
    fallback_on_declined: bool = False
    draws: bool = True
    """Whether there is a model that makes pictures."""


CurrentRules: TypeAlias = Callable[[], Rulebook]
"""The rules of this moment. Ask once for each message, so that it is judged by one set."""
