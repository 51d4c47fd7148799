"""Readers of secrets, which refuse what is only a placeholder and never quote what they refuse."""

import re

from entrypoints.secret import Secret
from entrypoints.settings.reading.mistakes import UnfitError
from entrypoints.settings.reading.readers import Reader, single

FILLING = re.compile(r"(sk-)?[x*._?#…-]+|y{2,}|z{2,}", re.IGNORECASE)
BRACKETS = re.compile(r"<.*>|\$\{.*\}|\{\{.*\}\}|\$[A-Z_]+")
INSTRUCTION = re.compile(
    r"(sk-)?(your|put|insert|enter|replace|paste)[a-z_ -]*(key|token|secret|password|here)s?",
    re.IGNORECASE,
)
STOCK = frozenset({"changeme", "replaceme", "placeholder", "todo", "tbd", "sk"}) | frozenset(
    f"{owner}{name}"
    for owner in ("", "openai", "azure", "dingtalk")
    for name in ("apikey", "appsecret", "clientsecret", "accesstoken", "secretkey")
)
"""Words that stand for a secret, without the marks between them."""

ALLOWED = "allowed: the real one, as the provider or DingTalk shows it"


def unfitness(text: str) -> str:
    """Why this cannot be a real secret, in words that do not quote it; empty if it may be one."""
    if not text.strip():
        return f"is blank; {ALLOWED}"
    if re.sub(r"[\s_-]", "", text.lower()) in STOCK or any(
        p.fullmatch(text) for p in (FILLING, BRACKETS, INSTRUCTION)
    ):
        return f"is a placeholder, not a real secret; {ALLOWED}"
    if not text.isascii() or not text.isprintable() or " " in text:
        return f"is a placeholder or has characters that no secret has; {ALLOWED}"
    return ""


def _secret(typed: str) -> Secret:
    problem = unfitness(typed.strip())
    if problem:
        raise UnfitError(problem)
    return Secret(typed.strip())


def _secret_checked_when_used(typed: str) -> Secret:
    return Secret(typed.strip())


secret: Reader[Secret] = single(_secret)

secret_checked_when_used: Reader[Secret] = single(_secret_checked_when_used)
"""For keys that an old file may hold as `xxxx` though nothing uses them: a rule checks them then."""
