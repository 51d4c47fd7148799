"""What Chinese keyboards and copied pages leave in a file is named with its place and what to type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.settings.reading.mistakes import ConfigurationError, Place
from entrypoints.settings.reading.odd_characters import QUOTES, is_invisible, odd_in_value
from entrypoints.settings.reading.structures import keys_of
from entrypoints.settings.reading.yaml_text import ScalarNode
from entrypoints.settings.reading.yaml_text import parse as parse_yaml
from entrypoints.settings.schema import Settings
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

GOOD = "api_key: sk-a1b2c3d4\nmodel: m\n"
LINES = [
    # the line, what its mistake says
    ("max_request：10", "config.yml:3: this is not YAML: column 12 is ： (U+FF1A); type `: `"),
    ("max_request： 10", "column 12 is ： (U+FF1A)"),
    ("max_request:\u00a010", "column 13 is invisible, U+00A0 NO-BREAK SPACE"),
    ("max_request:\u300010", "column 13 is invisible, U+3000 IDEOGRAPHIC SPACE"),
    ("\u3000max_request: 10", "invisible character, U+3000 IDEOGRAPHIC SPACE: delete it"),
    ("\u200bmax_request: 10", "invisible character, U+200B ZERO WIDTH SPACE"),
    ("\ufeffmax_request: 10", "(U+FEFF) is in this line, column 1"),
    ("max_request:10", "no space follows the colon at column 12"),
    ("\tmax_request: 10", "column 1 is a tab"),
    ("allow_users: [a，b", "column 16 is ， (U+FF0C); type `, `"),
    ("allow_users: ［a, b]", "it holds ［ (U+FF3B): type `[`"),
    ("max_request: “10”", "stands in quotes “ ”"),
    ("port: ８０９０", "it holds ８ (U+FF18): type `8`"),
    ("base_url: https：//h", "it holds ： (U+FF1A): type `:`"),
    ("image_model: a\u200bb", "invisible character, U+200B"),
    ("help: ok\nport: 1\n  max_request：2", "config.yml:5: "),
    ("  max_request: 10", "the indentation differs"),
    ("help: 'never ends", "config.yml:3: this is not YAML, column 7: a quote is not closed"),
    ("providers:\n  - name: a\n    api_key：k", "config.yml:5: "),
]
"""Below two good lines."""

FINE = [
    "help: “你好”：请提问，谢谢！",
    "help: |\n  \u3000\u3000首行缩进：说明\n  第二行，“引用”",
    "system_prompt: 请用中文回答：简短，准确。",
    "sensitive_words: [“坏”, 【广告】]",
    "port: 8091 # 端口：随意，见“说明”\u3000",
]
SCALARS = [
    key.name
    for key in keys_of(Settings).values()
    if key.name not in {"help", "system_prompt", "sensitive_words"}
]
OPENING = {"“": "”", "「": "」", "『": "』", "‘": "’", "＂": "＂", "«": "»"}


@pytest.mark.parametrize(("line", "sign"), LINES)
def test_the_character_is_named_with_its_place_and_what_to_type(line: str, sign: str) -> None:
    mistakes = mistakes_in(GOOD.replace("model: m\n", "app_secrets: []\n") + line, MODEL="m")

    assert any(sign in mistake for mistake in mistakes), mistakes


@pytest.mark.parametrize("text", FINE)
def test_where_such_characters_are_words_they_stay(text: str) -> None:
    assert loaded(GOOD + text).settings.model == "m"


@pytest.mark.parametrize("key", SCALARS)
@pytest.mark.parametrize("mark", OPENING)
def test_a_value_in_quotes_that_are_none_is_refused_for_every_key(key: str, mark: str) -> None:
    value = f"{mark}value{OPENING[mark]}"
    kept = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"{key}:"))

    mistakes = mistakes_in(f"{kept}\n{key}: {value}\n", APIKEY="", MODEL="")

    told = [one for one in mistakes if f": {key}: " in one]
    lists = ("allow_", "deny_", "vip_", "admin_", "app_", "outgoing_", "webhook_", "cred", "prov")
    is_a_list = key.startswith((*lists, "prices", "no_proxy"))
    assert told, mistakes
    assert is_a_list or "quotes" in told[0], told


@given(
    key=st.sampled_from(["port", "max_request", "chat_type"]),
    mark=st.sampled_from(sorted(QUOTES)),
    inner=st.text(alphabet="ab8", min_size=1, max_size=3),
    left=st.booleans(),
)
def test_one_such_quote_is_enough(key: str, mark: str, inner: str, *, left: bool) -> None:
    reader = keys_of(Settings)[key].reader
    text = mark + inner if left else inner + mark

    with pytest.raises(ConfigurationError, match="quotes"):
        reader.parse(ScalarNode(text=text, place=Place(source="here")), key)


@given(st.text(alphabet="ab8 ：，“\u3000\u200b\u00a0［－", max_size=8))
def test_what_is_named_is_there_and_what_is_typed_instead_is_plain(text: str) -> None:
    odd = odd_in_value(text)

    assert (odd is None) is all(letter.isascii() for letter in text)
    if odd is not None:
        assert text[odd.column - 1] == odd.character
        assert odd.fixed.isascii()
        assert is_invisible(odd.character) is (odd.fixed == "")


@given(st.text(alphabet="ab:- #\n\t'\"[]{},：，“\u3000\ufeff&*!|>", max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        parse_yaml(text, "here")
    except ConfigurationError as error:
        for mistake in error.mistakes:
            assert "\n" not in mistake.told("zh")
            assert 1 <= (mistake.place.line or 1) <= text.count("\n") + 1


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    (mistake,) = mistakes_in("modle: m\n", MODEL="")

    assert "did you mean model?" in mistake
