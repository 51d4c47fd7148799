"""What is asked of a server, in parameters that this server takes for this model."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.conversation import Prompt

LENGTH_NAMES = ("max_tokens", "max_completion_tokens")
FOLDED = "user"
"""As a system role: the system prompt is put in front of the first question."""

DEFAULT_LENGTH = 4096
"""Tokens, for servers that insist on a limit where the operator set none."""
LEAST_ROOM = 256
"""Tokens that are asked for where our own count leaves less: it is an estimate, and the server knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSupport:
    """Which parameters a server takes for a model, and within which limits; the limits are in tokens.

    Presets know some of it, refusals teach the rest (see `adapters.openai.refusals`), so no list of models
    is kept. `system_role` is `system`, `developer`, or `user`: then the system prompt is put in front of
    the first question. `streams` is None while the server takes either. `extra` goes along with each
    question. `prompt_overhead` is by how much the server counts more than we do.
    """

    length_name: str = "max_tokens"
    needs_length: bool = False
    shortest_answer: int | None = None
    longest_answer: int | None = None
    context: int | None = None
    prompt_overhead: int = 0
    system_role: str = "system"
    refused_roles: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    streams: bool | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    def answer_limit(
        self, prompt: Prompt, *, context: int | None, counted: int | None = None
    ) -> int | None:
        """How many tokens of answer to ask for; None asks for no limit.

        `counted` is the prompt's size as this server counted it for this very question.
        """
        limit = prompt.answer_limit or (DEFAULT_LENGTH if self.needs_length else None)
        if limit is None:
            return None
        if context is not None:
            limit = min(limit, self._room(prompt, context, counted))
        if self.longest_answer is not None:
            limit = min(limit, self.longest_answer)
        return max(limit, self.shortest_answer or 1)

    def _room(self, prompt: Prompt, context: int, counted: int | None) -> int:
        if counted is not None:
            # A template may add a mark or two for another number of tokens to come.
            return context - counted - min(16, max(0, context - counted - 1))
        margin = 64 + prompt.tokens // 8 + self.prompt_overhead
        return max(context - prompt.tokens - margin, min(LEAST_ROOM, context // 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettings:
    """What the operator, or the preset, wants to be sent with every question to a model."""

    model: str
    streams: bool
    temperature: float | None
    context_length: int | None
    extra_body: Mapping[str, object]

    def body(
        self, prompt: Prompt, support: ParameterSupport, *, counted: int | None = None
    ) -> dict[str, object]:
        """The body of a request. `counted`: see `ParameterSupport.answer_limit`."""
        streams = self.streams if support.streams is None else support.streams
        context = min(filter(None, (support.context, self.context_length)), default=None)
        optional = {
            "temperature": self.temperature,
            "stream_options": {"include_usage": True} if streams else None,
            "user": prompt.asker or None,
            support.length_name: support.answer_limit(prompt, context=context, counted=counted),
        }
        return {
            "model": self.model,
            **{
                name: value
                for name, value in optional.items()
                if value is not None and name not in support.left_out
            },
            **support.extra,
            **self.extra_body,
            "messages": _messages(prompt, support.system_role),
            "stream": streams,
        }


def _messages(prompt: Prompt, system_role: str) -> list[dict[str, str]]:
    messages = []
    for turn in prompt.turns:
        messages += [_message("user", turn.question), _message("assistant", turn.answer)]
    messages.append(_message("user", prompt.question))
    if prompt.system and system_role == FOLDED:
        first = messages[0]["content"]
        messages[0] = _message("user", f"{prompt.system}\n\n{first}")
    elif prompt.system:
        messages.insert(0, _message(system_role, prompt.system))
    return messages


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
