"""What a refusal teaches about a server: which parameters it takes, and within which limits."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from adapters.openai.errors import ProviderError, failure_of
from adapters.openai.parameters import FOLDED, LENGTH_NAMES, ParameterSupport
from application.errors import ModelDeclined, ModelGone, ModelOutOfFunds, PromptTooLong

MOST_REFUSALS = 8
"""For one question. Each changes what is sent, so the next refusal is another one."""

OTHER_MATTERS = frozenset({401, 402, 403, 407, 408, 429, 502, 503, 504})
"""Statuses that speak of the key, the account or the load, not of parameters."""
CERTAIN = (ModelDeclined, ModelOutOfFunds, ModelGone)


def word_of(pattern: str) -> str:
    """A word by itself, also between Chinese characters, which count as letters for `\\b`."""
    return rf"(?<![A-Za-z0-9_]){pattern}(?![A-Za-z0-9_])"


UNKNOWN = re.compile(
    r"unsupported|not support|n.t support|not compatible|unknown|unrecogni[sz]ed|unexpected|not permitted"
    r"|not allowed|forbidden|extra|no such|not (?:a )?valid|invalid (?:parameter|argument|field)|instead"
    r"|must be verified|deprecated"
    r"|invalid ['\"`]|不支持|不允许|未知|无效|非法|不合法|有误|错误|不正确",
    re.IGNORECASE,
)
TOO_LARGE = re.compile(
    r"too (?:large|big|high|long|many)|exceed|above|greater|larger|at most|maximum|less than|range"
    r"|大于|超|最大|范围",
    re.IGNORECASE,
)
MISSING = re.compile(r"missing|required|缺少|必填|不能为空", re.IGNORECASE)
PARAMETER = re.compile(r"param|argument|field|extra inputs|参数|字段", re.IGNORECASE)

LENGTH = re.compile(
    r"max_?(?:completion_?|new_?|output_?)?tokens|(?:completion|output) tokens|answer length",
    re.IGNORECASE,
)
TEMPERATURE = re.compile(word_of("temperature") + "|温度", re.IGNORECASE)
STREAM = re.compile(word_of("stream(?:ing|ed)?") + "|流式", re.IGNORECASE)
ONLY_STREAM = re.compile(
    r"only .{0,40}stream|stream(?:ing)? is required|stream\s?=\s?false is not"
    r"|stream.{0,30}(?:must be|should be|be set to|=|is required).{0,10}true"
    r"|must .{0,30}stream|(?:enable|use|using) (?:the )?stream"
    r"|non.?stream\w* .{0,30}(?:not|n.t) support"
    r"|not support .{0,20}non.?stream|not support http call"
    r"|仅支持流式|只支持流式|不支持非流式|必须.{0,8}流式",
    re.IGNORECASE,
)
ROLE = re.compile(
    rf"{word_of('roles?')}|\b(?:system|developer) (?:messages?|prompt|instruction|role)"
    r"|['\"`](?:system|developer)['\"`]|alternat|角色|系统提示|system.{0,6}消息",
    re.IGNORECASE,
)
ROLE_REFUSED = re.compile(
    r"not support|n.t support|unsupported|not (?:enabled|allowed|permitted|valid|one of)|invalid|unknown"
    r"|unexpected|only|must|should|expected|input should be|不支持|不正确|非法|只能|只支持|仅",
    re.IGNORECASE,
)
ENABLE_THINKING = re.compile(r"enable_thinking", re.IGNORECASE)
OPTIONAL = ("stream_options", "user")
"""Sent because they are useful; nothing is lost to a person without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was sent, and what the server said; `estimate` is our own count of the prompt's tokens."""

    error: ProviderError
    sent: Mapping[str, object]
    estimate: int

    @property
    def length(self) -> int | None:
        """The limit of the answer that was sent."""
        values = (self.sent.get(name) for name in LENGTH_NAMES)
        return next((one for one in values if type(one) is int), None)

    @property
    def roles(self) -> frozenset[str]:
        messages = self.sent.get("messages")
        return (
            frozenset(one["role"] for one in messages)
            if isinstance(messages, list)
            else frozenset()
        )

    def mentions(self, pattern: re.Pattern[str]) -> bool:
        return bool(pattern.search(self.error.text) or self._named(pattern.fullmatch))

    def names(self, parameter: str) -> bool:
        # "user" is a word of every day, so in a sentence it counts only in quotation marks.
        quoted = rf"['\"`]/?{parameter}['\"`]"
        word = quoted if parameter == "user" else word_of(parameter)
        return parameter in self.error.parameters or bool(re.search(word, self.error.text))

    @property
    def is_unknown(self) -> bool:
        """Whether something is not known there, as against being too large and the like."""
        return bool(UNKNOWN.search(" ".join((*self.error.names, self.error.text))))

    def _named(self, matches: Callable[[str], object]) -> bool:
        return any(matches(one) for one in self.error.parameters)


def is_about_parameters(error: ProviderError) -> bool:
    """Whether another request may fare better at the same server."""
    return error.status not in OTHER_MATTERS and not isinstance(failure_of(error), CERTAIN)


def learn(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    """What is known after a refusal; None if it says nothing that another request could heed."""
    if not is_about_parameters(refusal.error):
        return None
    if isinstance(failure_of(refusal.error), PromptTooLong):
        return _context(support, refusal)
    rules = (_thinking, _optional, _stream, _role, _length, _temperature, _unnamed)
    learned = (rule(support, refusal) for rule in rules)
    return next((one for one in learned if one is not None and one != support), None)


def _context(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    """The prompt and the answer together are too long; the prompt may fit with a shorter answer."""
    numbers, length = refusal.error.numbers, refusal.length
    if numbers.context is None:
        mentioned = length is not None and refusal.mentions(LENGTH)
        return _halved(support, length) if mentioned else None
    if numbers.prompt is not None and numbers.prompt >= numbers.context:
        return None
    if length is None and numbers.prompt is None:
        return None
    overhead = max(support.prompt_overhead, (numbers.prompt or 0) - refusal.estimate)
    learned = replace(
        support,
        context=numbers.context,
        prompt_overhead=overhead,
        needs_length=support.needs_length or length is None,
    )
    if numbers.prompt is None and support.context == numbers.context:
        return _halved(learned, length)
    return learned


def _halved(support: ParameterSupport, length: int | None) -> ParameterSupport | None:
    """Without numbers there is nothing better than to ask for less."""
    return replace(support, longest_answer=length // 2) if length and length > 1 else None


def _thinking(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    """Qwen at DashScope: thinking and answers that are not streamed exclude each other."""
    if not refusal.mentions(ENABLE_THINKING):
        return None
    if "enable_thinking" in refusal.sent and "enable_thinking" not in support.extra:
        # The operator wants it as it is, so the answer is streamed.
        return replace(support, streams=True)
    thinks = re.search(r"\btrue\b", refusal.error.text, re.IGNORECASE) is not None
    return replace(support, extra={**support.extra, "enable_thinking": thinks})


def refused_among(names: Iterable[str], refusal: Refusal) -> list[str]:
    """Those parameters, of what was sent, that the server names and does not know."""
    named = [name for name in names if name in refusal.sent and refusal.names(name)]
    return named if refusal.is_unknown or refusal.error.parameters else []


def names_no_parameter(refusal: Refusal) -> bool:
    """Whether some parameter is wrong, and the server does not say which. 1210 is Zhipu's code for it."""
    text = " ".join((*refusal.error.names, refusal.error.text))
    return bool(PARAMETER.search(text) and UNKNOWN.search(text)) or "1210" in refusal.error.names


def _optional(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    return _without(support, refused_among(OPTIONAL, refusal))


def _stream(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    if not refusal.sent.get("stream"):
        return replace(support, streams=True) if ONLY_STREAM.search(refusal.error.text) else None
    if not refusal.mentions(STREAM):
        return None
    refused = refusal.is_unknown or "stream" in refusal.error.parameters or _says_false(refusal)
    return replace(support, streams=False) if refused else None


def _says_false(refusal: Refusal) -> bool:
    return re.search(r"\bfalse\b", refusal.error.text, re.IGNORECASE) is not None


def _role(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    """A system prompt goes as `system` or as `developer`, or else in front of the first question."""
    role, text = support.system_role, refusal.error.text
    named = "role" in refusal.error.parameters or ROLE.search(text)
    if role not in refusal.roles or role == FOLDED or not (named and ROLE_REFUSED.search(text)):
        return None
    refused = support.refused_roles | {role}
    other = "developer" if role == "system" else "system"
    suggested = other in text and other not in refused
    is_plural = re.search(
        rf"only .*{other}|{other}.*(?:instead|expected)|use.*{other}|one of.*{other}", text
    )
    chosen = other if suggested and is_plural else FOLDED
    return replace(support, system_role=chosen, refused_roles=refused)


def _length(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    if not refusal.mentions(LENGTH):
        return None
    length = refusal.length
    if length is None:
        needs = not support.needs_length and MISSING.search(refusal.error.text)
        return replace(support, needs_length=True) if needs else None
    numbers = refusal.error.numbers
    if numbers.longest is not None and numbers.longest < length:
        return replace(support, longest_answer=numbers.longest)
    if numbers.shortest is not None and numbers.shortest > length:
        return replace(support, shortest_answer=numbers.shortest)
    if TOO_LARGE.search(refusal.error.text) and (smaller := _smaller_numbers(refusal, length)):
        return replace(support, longest_answer=max(smaller))
    return _length_name(support, refusal)


def _smaller_numbers(refusal: Refusal, length: int) -> list[int]:
    numbers = (int(one) for one in re.findall(r"(?<![\w.])\d{1,9}(?![\w.])", refusal.error.text))
    return [one for one in numbers if 1 < one < length]


def _length_name(support: ParameterSupport, refusal: Refusal) -> ParameterSupport:
    """The other name, if this one is not known; no limit at all, if neither is taken."""
    name = next(one for one in LENGTH_NAMES if one in refusal.sent)
    other = next(one for one in LENGTH_NAMES if one != name)
    if refusal.is_unknown and other not in support.left_out:
        return replace(support, length_name=other, left_out=support.left_out | {name})
    return replace(support, left_out=support.left_out | set(LENGTH_NAMES))


def _temperature(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    """Models that take one value only take their own default."""
    is_refused = "temperature" in refusal.sent and refusal.mentions(TEMPERATURE)
    return _without(support, ["temperature"]) if is_refused else None


def _unnamed(support: ParameterSupport, refusal: Refusal) -> ParameterSupport | None:
    """Those parameters go that nothing is lost without."""
    if not names_no_parameter(refusal):
        return None
    return _without(support, [name for name in OPTIONAL if name in refusal.sent])


def _without(support: ParameterSupport, names: Iterable[str]) -> ParameterSupport | None:
    left_out = support.left_out.union(names)
    return replace(support, left_out=left_out) if left_out != support.left_out else None
