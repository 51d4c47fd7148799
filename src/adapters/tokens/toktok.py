"""Token counts by toktok, whose tables are compiled in."""

import re

import toktok  # type: ignore[import-untyped] # ships no types

ENCODING_OF_OLD = "cl100k_base"
ENCODING_OF_NEW = "o200k_base"

OLD_MODELS = re.compile(r"gpt-(?:3\.5|35|4)(?!\.\d|o|\d)")
"""GPT-3.5 and GPT-4, which Azure writes gpt-35; not gpt-4o, gpt-4.1 and what came after."""

SURROGATES = re.compile("[\ud800-\udfff]")


def encoding_of(model: str) -> str:
    """Which table a model counts by; for a stranger the newer one, which is the better guess."""
    name = model.lower().rpartition("/")[2]
    return ENCODING_OF_OLD if OLD_MODELS.match(name) else ENCODING_OF_NEW


class ToktokCounter:
    """Loads its table at the first use (half a second), or earlier by `warm_up`."""

    def __init__(self, model: str) -> None:
        self._encoding = encoding_of(model)

    def warm_up(self) -> None:
        """To be run in a thread before the first question."""
        self.count("")

    def count(self, text: str) -> int:
        """Words that a model's own format uses, such as `<|im_start|>`, count as the text they are."""
        if SURROGATES.search(text):
            text = SURROGATES.sub("\ufffd", text)
        (tokens,) = toktok.batch_count([text], self._encoding, threads=1)
        return int(tokens)
