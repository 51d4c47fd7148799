"""What is asked of a server, in the words that this server understands."""

import re
from dataclasses import dataclass, field

from adapters.openai.failures import Complaint
from domain.conversation import Prompt

UNKNOWN = re.compile(
    r"unsupported|not support|not compatible|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed"
    r"|extra|no such|invalid (?:parameter|argument|field)",
    re.IGNORECASE,
)
REFUSALS = frozenset({400, 422})
"""How servers refuse a parameter: OpenAI and Azure with 400, those built on strict schemas with 422."""


@dataclass(slots=True)
class Dialect:
    """Which parameters a server takes. It is learned from refusals, so no list of models is kept."""

    length_name: str = "max_tokens"
    system_role: str = "system"
    left_out: set[str] = field(default_factory=set)

    def understands_after(self, complaint: Complaint, sent: dict[str, object]) -> bool:
        """Learn from a refusal of what was sent; whether another try can turn out differently."""
        if complaint.status not in REFUSALS:
            return False
        if "max_tokens" in sent and refuses("max_tokens", complaint):
            self.length_name = "max_completion_tokens"
            return True
        if _sends_system(sent) and _wants_developer(complaint):
            self.system_role = "developer"
            return True
        refused = {
            name
            for name in ("stream_options", "user", "temperature")
            if name in sent and refuses(name, complaint)
        }
        self.left_out |= refused
        return bool(refused)


def parameters(prompt: Prompt, dialect: Dialect, settings: dict[str, object]) -> dict[str, object]:
    """The body of a request. `settings` are model, temperature and the like."""
    asked: dict[str, object] = {
        **settings,
        "messages": _messages(prompt, dialect),
        dialect.length_name: prompt.answer_limit,
    }
    if prompt.asker:
        asked["user"] = prompt.asker
    return {name: value for name, value in asked.items() if name not in dialect.left_out}


def _messages(prompt: Prompt, dialect: Dialect) -> list[dict[str, str]]:
    messages = [_message(dialect.system_role, prompt.system)] if prompt.system else []
    for turn in prompt.turns:
        messages += [_message("user", turn.question), _message("assistant", turn.answer)]
    return [*messages, _message("user", prompt.question)]


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def refuses(name: str, complaint: Complaint) -> bool:
    """Whether the server does not know the parameter, as against disliking its value."""
    # "user" is a word of every day, so it counts only in quotation marks.
    mention = rf"['\"`]{name}['\"`]" if name == "user" else rf"\b{name}\b"
    named = complaint.parameter == name or re.search(mention, complaint.text)
    if name == "max_tokens" and "max_completion_tokens" in complaint.text:
        return True
    return bool(named and UNKNOWN.search(f"{complaint.code} {complaint.text}"))


def _sends_system(sent: dict[str, object]) -> bool:
    messages = sent.get("messages")
    return isinstance(messages, list) and any(message["role"] == "system" for message in messages)


def _wants_developer(complaint: Complaint) -> bool:
    return "developer" in complaint.text and "system" in complaint.text
