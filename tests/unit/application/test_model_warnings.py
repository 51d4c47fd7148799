"""Every warning is a sentence in both languages, with what it is about."""

from datetime import date
from string import Formatter

import pytest

from application.wording.model_warnings import CHINESE, ENGLISH, told
from domain.model_availability import Availability, ConfiguredModel, ModelPurpose, ModelWarning


@pytest.mark.parametrize("problem", Availability)
@pytest.mark.parametrize("purpose", ModelPurpose)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_warning_names_provider_key_and_model(
    problem: Availability, purpose: ModelPurpose, language: str
) -> None:
    warning = ModelWarning(
        model=ConfiguredModel(provider="main", purpose=purpose, name="gpt-x"),
        problem=problem,
        day=date(2027, 1, 14),
        suggestions=("gpt-y", "gpt-z"),
    )

    sentence = told(warning, "zh" if language == "zh" else "en")

    assert "main" in sentence
    assert "gpt-x" in sentence
    assert ("image_model" if purpose is ModelPurpose.IMAGES else "model") in sentence
    assert "gpt-y, gpt-z" in sentence
    if problem in {Availability.SHUT_DOWN, Availability.SHUTTING_DOWN}:
        assert "2027-01-14" in sentence


def test_both_languages_have_every_sentence_with_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert set(CHINESE.sentences) == set(ENGLISH.sentences) == set(Availability)
    for problem in Availability:
        assert places(CHINESE.sentences[problem]) == places(ENGLISH.sentences[problem])
    assert places(CHINESE.similar) == places(ENGLISH.similar) == {"names"}


def test_without_similar_names_none_are_promised() -> None:
    warning = ModelWarning(
        model=ConfiguredModel(provider="main", purpose=ModelPurpose.CHAT, name="gpt-x"),
        problem=Availability.NOT_OFFERED,
    )

    assert "imilar" not in told(warning, "en")
    assert "相近" not in told(warning, "zh")
