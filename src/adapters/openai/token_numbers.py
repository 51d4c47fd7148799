"""Numbers of tokens in what servers say when a request is too large for them."""

import re
from dataclasses import dataclass

N = r"[`'\"]?(\d[\d,]{0,11})"
"""A number, perhaps in quotation marks, and with commas between thousands."""

CONTEXT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"maximum (?:context|sequence|model|prompt|input) (?:length|len|size|window)\D{{0,40}}?{N}",
        rf"(?:context|max_model) ?_?(?:length|len|size|window)s?(?: limit)?(?: of)?(?: only)?\D{{0,24}}?{N}",
        rf"model token limit\D{{0,6}}{N}",
        rf"n_ctx\D{{0,4}}{N}",
        rf"tokens must be <= {N}",
        rf"\+ `?max_new_tokens`? must be <= {N}",
        rf"exceed(?:s|ed)? context limit: \d+ \+ \d+ > {N}",
        rf"max_seq_len\D{{0,4}}{N}",
        rf"exceeds the maximum number of (?:input )?tokens allowed\D{{0,4}}{N}",
        rf"上下文(?:长度|窗口|大小)?\D{{0,16}}?{N}",
        rf"tokens? (?:which )?exceeds? (?:the )?(?:limit|maximum)(?: of)? {N}",
    )
)
PROMPT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{N} (?:tokens )?(?:in|from|for|of) (?:the |your )?(?:input |prompt )?(?:messages?|prompt|input)",
        rf"{N} (?:input|prompt)(?: text)? tokens",
        rf"input token count\D{{0,4}}{N}",
        rf"request contains {N} tokens",
        rf"input \({N} tokens\)",
        rf"(?<!maximum )(?:prompt|input)(?: \w+){{0,3}} (?:has|have|is|contains|of|with|length) {N}",
        rf"{N} `inputs` tokens",
        rf"context limit: {N} \+",
        rf"request \({N} tokens\)",
        rf"(?:输入|提示词?)[^\d，。]{{0,12}}{N}",
        rf"prompt_tokens\D{{0,4}}{N}",
    )
)
LONGEST_PROMPT = (
    re.compile(rf"range of input length should be \[\s*\d+\s*,\s*{N}", re.IGNORECASE),
    re.compile(rf"tokens per min\w*(?: \(TPM\))?: Limit {N}", re.IGNORECASE),
)
RANGE = re.compile(
    rf"[\[(（]\s*{N}\s*[,，~\-]\s*{N}\s*[\])）]"
    rf"|(?:between|from|在)\s*{N}\s*(?:and|to|到|至|-|~)\s*{N}"
)
"""`[1, 1024]`, `between 1 and 1024`, `在 1 到 1024 之间`."""
EXCLUSIVE = re.compile(r"(?:to|and) (\d{2,9}) \(exclusive\)", re.IGNORECASE)
"""Google."""
AT_MOST = re.compile(
    rf"(?:at most|up to|less than or equal to|no (?:more|greater|larger) than"
    rf"|not exceed(?: the)?(?: limit)?(?: of)?"
    rf"|maximum (?:value|allowed|number|is|of)[^\d]{{0,60}}|<=|≤|(?:exceeds?|over|above|limit)[^\d]{{0,30}}"
    rf"|> (?=[\d,]+, which is the maximum)"
    rf"|不(?:能|可|得)?(?:大于|超过)|最大(?:值)?(?:为|是)?|小于等于|上限(?:为|是)?|(?:le|max)['\"]?:)\s*{N}",
    re.IGNORECASE,
)
AT_LEAST = re.compile(
    rf"(?:at least|greater than or equal to|no (?:less|smaller) than|minimum(?: value)?(?: is| of)?|>=|≥"
    rf"|不(?:能|得)?小于"
    rf"|大于等于|最小(?:值)?(?:为|是)?)\s*{N}",
    re.IGNORECASE,
)

LARGEST = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenNumbers:
    """Tokens that a server named: its context, the prompt as it counts, the shortest and longest answer.

    `longest_prompt` is named by servers that count it apart from the answer.
    """

    context: int | None = None
    prompt: int | None = None
    longest_prompt: int | None = None
    shortest: int | None = None
    longest: int | None = None

    @property
    def facts(self) -> list[str]:
        """For the log."""
        return [
            f"{name} {value}"
            for name, value in (
                ("context", self.context),
                ("prompt", self.prompt),
                ("at least", self.shortest),
                ("at most", self.longest),
            )
            if value is not None
        ]


def token_numbers_in(text: str) -> TokenNumbers:
    """The numbers that stand in known places."""
    context, prompt = _first(CONTEXT, text), _first(PROMPT, text)
    shortest = longest = None
    if found := EXCLUSIVE.search(text):
        longest = int(found[1]) - 1
    elif found := RANGE.search(text):
        shortest, longest = (_number(one) for one in found.groups() if one)
        if shortest and longest and shortest > longest:
            shortest = longest = None  # a date
    elif context is None and "token" in text.casefold():
        longest, shortest = _found(AT_MOST, text), _found(AT_LEAST, text)
    return TokenNumbers(
        context=context,
        prompt=prompt,
        longest_prompt=_first(LONGEST_PROMPT, text),
        shortest=shortest,
        longest=longest,
    )


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    return next((_number(found[1]) for one in patterns if (found := one.search(text))), None)


def _found(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return _number(found[1]) if found else None


def _number(digits: str) -> int | None:
    number = int(digits.replace(",", "") or 0)
    return number if 0 < number <= LARGEST else None
