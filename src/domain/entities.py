"""Entities of HTML, decoded as browsers do, whatever number of digits they have."""

import html
import re
from html.entities import html5

WITHOUT_SEMICOLON = "|".join(
    sorted((name for name in html5 if not name.endswith(";")), key=len, reverse=True)
)
"""The names that browsers decode without the semicolon too, the longest first, for a pattern."""

_ZEROS = re.compile(r"(?<=&#)0++(?=\d)|(?<=&#[xX])0++(?=[0-9a-fA-F])")
_BEYOND = re.compile(r"&#(?:\d{8,}+|[xX][0-9a-fA-F]{7,}+);?")


def unescaped(text: str) -> str:
    """`html.unescape` for texts of strangers: a number of thousands of digits is no number to Python."""
    if "&#" in text:
        text = _BEYOND.sub("\ufffd", _ZEROS.sub("", text))
    return html.unescape(text) if "&" in text else text
