"""The characters that nobody should be sent."""

import re

_ANSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]|\x1b\][^\x07\x1b\n]*+(?:\x07|\x1b\\)")

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    r"\u202a-\u202e\u2066-\u2069"  # what turns the direction of writing round
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)


def scrubbed(text: str) -> str:
    """The text without terminal commands, control characters, lone surrogates and turned writing.

    Every kind of line end becomes a line feed; tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", _ANSI.sub("", text)))
