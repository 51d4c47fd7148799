"""Readers of secrets and of their ids, which refuse what is only a placeholder and never quote a secret."""

import re

from entrypoints.secret import Secret
from entrypoints.settings.reading.mistakes import UnfitError
from entrypoints.settings.reading.readers import Reader, single, word
from entrypoints.settings.texts import Text, say

FILLING = re.compile(r"(sk-)?[x*._?#…-]+|y{2,}|z{2,}", re.IGNORECASE)
BRACKETS = re.compile(r"<.*>|\$\{.*\}|\{\{.*\}\}|\$[A-Z_]+")
INSTRUCTION = re.compile(
    r"(sk-)?(your|put|insert|enter|replace|paste)[a-z_ -]*(key|token|secret|password|here)s?",
    re.IGNORECASE,
)
MASKED = re.compile(r"\*{2,}|\.{3}|…|•{2,}|●{2,}")
"""How consoles show a key after the first time."""

STOCK = frozenset({"changeme", "replaceme", "placeholder", "todo", "tbd", "sk"}) | frozenset(
    f"{owner}{name}"
    for owner in ("", "openai", "azure", "dingtalk")
    for name in ("apikey", "appsecret", "clientsecret", "accesstoken", "secretkey")
)
"""Words that stand for a secret, without the marks between them."""


def unfitness(text: str) -> Text | None:
    """Why this cannot be a real secret, in words that do not quote it; None if it may be one."""
    if not text.strip():
        return say("blank_secret")
    if re.sub(r"[\s_-]", "", text.lower()) in STOCK or any(
        p.fullmatch(text) for p in (FILLING, BRACKETS, INSTRUCTION)
    ):
        return say("placeholder_secret")
    if MASKED.search(text):
        return say("masked_secret")
    if text.lower().startswith("bearer "):
        return say("bearer_secret")
    if not text.isascii() or not text.isprintable() or " " in text:
        return say("impossible_secret")
    return None


def _client_id(typed: str) -> str:
    text = word(typed)
    if unfitness(text):
        raise UnfitError(say("placeholder_id"))
    return text


def _secret(typed: str) -> Secret:
    problem = unfitness(typed.strip())
    if problem:
        raise UnfitError(problem)
    return Secret(typed.strip())


def _secret_checked_when_used(typed: str) -> Secret:
    return Secret(typed.strip())


id_of_client: Reader[str] = single(_client_id)

secret: Reader[Secret] = single(_secret, is_secret=True)

secret_checked_when_used: Reader[Secret] = single(_secret_checked_when_used, is_secret=True)
"""For keys that an old file may hold as `xxxx` though nothing uses them: a rule checks them then."""
