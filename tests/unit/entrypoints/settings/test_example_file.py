"""The example file names every key once and shows the real defaults."""

import re
from pathlib import Path

import pytest

from entrypoints.settings import Secret, Settings, load
from entrypoints.settings.reading.structures import keys_of

EXAMPLE = Path(__file__).parents[4] / "config.example.yml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def test_the_example_names_every_key_exactly_once() -> None:
    named = re.findall(r"^(\w+):", TEXT, re.MULTILINE)

    assert sorted(named) == sorted(Settings.__struct_fields__)


def test_the_example_shows_the_defaults() -> None:
    settings = load(EXAMPLE, environment={"APIKEY": "sk-1", "MODEL": "m"}).settings

    assert settings == Settings(
        api_key=Secret("sk-1"), model="m", allow_outgoing_groups=("disabled",)
    )


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_key_is_explained_in_chinese_and_english_and_marked_if_live(name: str) -> None:
    above = TEXT[: re.search(rf"^{name}:", TEXT, re.MULTILINE).start()]  # type: ignore[union-attr]  # the test above finds it
    explanation = above.rpartition("\n\n")[2]

    assert re.search(r"[\u4e00-\u9fff]", explanation)
    assert re.search(r"^# [A-Z]\w+", explanation, re.MULTILINE)
    assert ("[热]" in explanation) is keys_of(Settings)[name].live
