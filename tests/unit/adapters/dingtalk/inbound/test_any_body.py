"""Whatever somebody posts: it is a message, or it is none."""

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.dingtalk.inbound.callback import BadCallback
from domain.message import IncomingMessage
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT, Json, Payload, read, saying

RICH: Json = {"richText": [{"text": "好"}], "repliedMsg": {"content": {"text": "x"}}}
VALID: list[Payload] = [
    GROUP_TEXT,
    saying("richText", RICH),
    saying("richText", json.dumps(RICH)),
    saying("audio", {"recognition": "好"}, quoteMessage={"text": {"content": "x"}}),
]
FIELDS = sorted({*GROUP_TEXT, "content", "quoteMessage", "repliedMsg", "richText", "atName"})

numbers = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(10**400)
)
letters = st.text(st.sampled_from('a好\0\ud800\udc00\n\u2028{}[]"\\'), max_size=6)
scalars = st.one_of(st.none(), st.booleans(), numbers, letters, st.just("1" * 5000))
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=8,
)


def message_or_none(body: bytes) -> IncomingMessage | None:
    try:
        return read(body)
    except BadCallback:
        return None


def assert_storable(message: IncomingMessage | None) -> None:
    """A message can be written into any database, and its ids into any log line."""
    if message is None:
        return
    said = message.content
    for text in (said.text or "", said.quoted, message.sender.nick, message.room.title):
        assert "\0" not in text
        text.encode()
    for name in (message.id, message.room.id, message.sender.key):
        assert name.isprintable()
        assert 0 < len(name) <= 300


@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbf{}")
def test_any_bytes(body: bytes) -> None:
    assert_storable(message_or_none(body))


@given(values)
def test_any_json(value: Json) -> None:
    assert_storable(message_or_none(json.dumps(value).encode()))


@given(st.sampled_from(VALID), st.dictionaries(st.sampled_from(FIELDS), values, max_size=3))
def test_any_value_in_any_field(valid: Payload, damage: Payload) -> None:
    assert_storable(message_or_none(json.dumps({**valid, **damage}).encode()))


@given(
    st.sampled_from(VALID),
    st.sampled_from(["text", "content"]),
    values,
    st.sampled_from([json.dumps, lambda inner: inner]),
)
def test_any_value_below_the_content(
    valid: Payload, field: str, damage: Json, form: Callable[[Json], Json]
) -> None:
    inner: Json = {"content": damage, "richText": damage, "repliedMsg": damage, "text": "x"}

    assert_storable(message_or_none(json.dumps({**valid, field: form(inner)}).encode()))


@given(st.sampled_from(VALID), st.integers(0, 2000), st.binary(max_size=3), st.integers(0, 3))
def test_any_damage_to_the_bytes(valid: Payload, at: int, patch: bytes, lost: int) -> None:
    raw = json.dumps(valid, ensure_ascii=False).encode()
    at %= len(raw)

    assert_storable(message_or_none(raw[:at] + patch + raw[at + lost :]))


@pytest.mark.parametrize("field", FIELDS)
def test_deep_nesting_in_any_field(field: str) -> None:
    deep = "[" * 50_000 + "]" * 50_000
    raw = json.dumps({**GROUP_TEXT, field: "deep"}).replace('"deep"', deep).encode()

    assert message_or_none(raw) is None


@pytest.mark.parametrize("field", ["text", "content"])
def test_deep_nesting_in_a_string_of_json_says_nothing(field: str) -> None:
    deep = '{"richText":' + "[" * 50_000 + "]" * 50_000 + "}"
    message = message_or_none(json.dumps({**saying("richText", None), field: deep}).encode())

    assert message is not None
    assert message.content.quoted == ""
