"""What is asked of a server, in the words that this server understands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.openai.errors import ProviderError
from domain.conversation import Prompt

UNKNOWN = re.compile(
    r"unsupported|not support|not compatible|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed"
    r"|extra|no such|invalid (?:parameter|argument|field)",
    re.IGNORECASE,
)
REFUSALS = frozenset({400, 422})
"""How servers refuse a parameter: OpenAI and Azure with 400, those built on strict schemas with 422."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSupport:
    """Which parameters a server takes for a model.

    It is learned from refusals, so no list of models is kept.
    """

    length_name: str = "max_tokens"
    system_role: str = "system"
    left_out: frozenset[str] = frozenset()

    def learn(self, error: ProviderError, sent: Mapping[str, object]) -> "ParameterSupport | None":
        """What a refusal of what was sent adds; None if another try cannot turn out differently."""
        if error.status not in REFUSALS:
            return None
        if "max_tokens" in sent and refuses("max_tokens", error):
            return replace(self, length_name="max_completion_tokens")
        if _sends_system(sent) and _wants_developer(error):
            return replace(self, system_role="developer")
        refused = {
            name
            for name in ("stream_options", "user", "temperature")
            if name in sent and refuses(name, error)
        }
        return replace(self, left_out=self.left_out | refused) if refused else None


def parameters(
    prompt: Prompt, support: ParameterSupport, settings: dict[str, object]
) -> dict[str, object]:
    """The body of a request. `settings` are model, temperature and the like."""
    asked: dict[str, object] = {
        **settings,
        "messages": _messages(prompt, support),
    }
    if prompt.answer_limit is not None:
        asked[support.length_name] = prompt.answer_limit
    if prompt.asker:
        asked["user"] = prompt.asker
    return {name: value for name, value in asked.items() if name not in support.left_out}


def _messages(prompt: Prompt, support: ParameterSupport) -> list[dict[str, str]]:
    messages = [_message(support.system_role, prompt.system)] if prompt.system else []
    for turn in prompt.turns:
        messages += [_message("user", turn.question), _message("assistant", turn.answer)]
    return [*messages, _message("user", prompt.question)]


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def refuses(name: str, error: ProviderError) -> bool:
    """Whether the server does not know the parameter, as against disliking its value."""
    # "user" is a word of every day, so it counts only in quotation marks.
    mention = rf"['\"`]{name}['\"`]" if name == "user" else rf"\b{name}\b"
    named = error.parameter == name or re.search(mention, error.text)
    if name == "max_tokens" and "max_completion_tokens" in error.text:
        return True
    return bool(named and UNKNOWN.search(f"{error.code} {error.text}"))


def _sends_system(sent: Mapping[str, object]) -> bool:
    messages = sent.get("messages")
    return isinstance(messages, list) and any(message["role"] == "system" for message in messages)


def _wants_developer(error: ProviderError) -> bool:
    return "developer" in error.text and "system" in error.text
