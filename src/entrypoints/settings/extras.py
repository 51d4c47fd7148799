"""What a provider is sent besides the usual: parameters of the body and headers of the operator's choice."""

import re
from collections.abc import Mapping

from entrypoints.secret import Secret
from entrypoints.settings.reading.mistakes import (
    ConfigurationError,
    Mistake,
    printable_key,
    refusal,
)
from entrypoints.settings.reading.readers import Reader
from entrypoints.settings.reading.yaml_text import ListNode, MapNode, Node, ScalarNode
from entrypoints.settings.texts import say

OWN_PARAMETERS = frozenset({"messages", "stream", "model"})
"""Not to be replaced: the provider's own keys say them, or the question does."""

OWN_HEADERS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"}
)
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
WORDS = {"true": True, "True": True, "false": False, "False": False}
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}([eE][+-]?[0-9]{1,3})?")


def _body(node: Node, path: str) -> Mapping[str, object]:
    if not isinstance(node, MapNode):
        raise refusal(node.place, say("bad_body"), path)
    mistakes = [
        Mistake(place=name.place, path=f"{path}.{name.text}", problem=say("body_owns"))
        for name, _ in node.entries
        if name.text in OWN_PARAMETERS
    ]
    if mistakes:
        raise ConfigurationError(mistakes)
    return {name.text: _value(value) for name, value in node.entries}


def _value(node: Node) -> object:
    """As JSON has it: what stands in quotes is text, everything else what it looks like."""
    match node:
        case MapNode():
            return {name.text: _value(value) for name, value in node.entries}
        case ListNode():
            return [_value(item) for item in node.items]
        case ScalarNode(is_plain=False):
            return node.text
        case _:
            return _plain(node)


def _plain(node: ScalarNode) -> object:
    if node.is_null:
        return None
    if node.text in WORDS:
        return WORDS[node.text]
    if WHOLE.fullmatch(node.text):
        return int(node.text)
    return float(node.text) if DECIMAL.fullmatch(node.text) else node.text


def _headers(node: Node, path: str) -> Mapping[str, Secret]:
    if not isinstance(node, MapNode):
        raise refusal(node.place, say("bad_headers"), path)
    mistakes: list[Mistake] = []
    headers: dict[str, Secret] = {}
    for name, value in node.entries:
        where = f"{path}.{printable_key(name.text.replace('-', '_'))}"
        if not HEADER_NAME.fullmatch(name.text):
            mistakes.append(Mistake(place=name.place, path=path, problem=say("bad_header_name")))
        elif name.text.lower() in OWN_HEADERS:
            mistakes.append(Mistake(place=name.place, path=where, problem=say("header_owned")))
        elif not isinstance(value, ScalarNode) or not HEADER_VALUE.fullmatch(value.text):
            mistakes.append(Mistake(place=value.place, path=where, problem=say("bad_header_value")))
        else:
            headers[name.text] = Secret(value.text)
    if mistakes:
        raise ConfigurationError(mistakes)
    return headers


body_parameters: Reader[Mapping[str, object]] = Reader(_body)
request_headers: Reader[Mapping[str, Secret]] = Reader(_headers)
