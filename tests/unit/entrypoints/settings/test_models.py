"""No model is taken by itself, and one that its service retires is a warning."""

from datetime import date

import pytest

from domain.model_shutdowns import KNOWN_SHUTDOWNS
from entrypoints.presets import PRESETS
from entrypoints.settings import ConfigurationError, load
from entrypoints.settings.notes import notes_on, warnings_on
from tests.unit.entrypoints.settings.configurations import KEY, loaded

AZURE = (
    "azure_on: true\nazure_api_version: v\nazure_resource_name: r\n"
    "azure_deployment_name: d\nazure_openai_token: t0ken\n"
)


def test_a_missing_model_is_one_mistake_that_says_what_to_set_with_examples() -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(environment={"APIKEY": KEY})

    (mistake,) = refused.value.mistakes
    assert mistake.path == "model"
    assert "(environment MODEL)" in mistake.told("en")
    assert "环境变量 MODEL" in mistake.told("zh")
    for name in ("openai", "deepseek", "dashscope", "zhipu", "ollama"):
        assert f"{PRESETS[name].example_model} ({name})" in mistake.told("zh")


def test_with_a_preset_the_example_is_one_of_its_service() -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(environment={"PRESET": "ollama"})

    (mistake,) = refused.value.mistakes
    assert PRESETS["ollama"].example_model in str(mistake)
    assert "deepseek" not in str(mistake)


def test_a_provider_without_a_model_is_named() -> None:
    providers = "[{name: d, kind: demo}, {preset: deepseek, api_key: k1}]"

    with pytest.raises(ConfigurationError) as refused:
        load(environment={"PROVIDERS": providers})

    (mistake,) = refused.value.mistakes
    assert mistake.path == "providers[1].model"


@pytest.mark.parametrize(
    "text", [AZURE, "providers: [{name: d, kind: demo}]", "preset: vllm\nmodel: m"]
)
def test_where_no_model_is_needed_or_one_is_named_there_is_no_mistake(text: str) -> None:
    assert loaded(text, APIKEY="", MODEL="").settings.effective_providers


def test_the_first_provider_says_by_which_model_texts_are_counted() -> None:
    text = "providers: [{preset: ollama, model: first}, {preset: vllm, model: second}]"

    assert loaded(text, APIKEY="", MODEL="").settings.counted_model == "first"
    assert loaded(text, APIKEY="", MODEL="shared").settings.counted_model == "shared"
    assert loaded(AZURE, APIKEY="", MODEL="").settings.counted_model == "d"


@pytest.mark.parametrize(
    ("text", "draws"),
    [
        ("", False),
        ("image_model: i", True),
        ("providers: [{name: d, kind: demo}]", True),
        ("providers: [{preset: ollama, model: m, image_model: i}]", True),
        ("providers: [{preset: ollama, model: m}]", False),
    ],
)
def test_without_an_image_model_pictures_are_off_and_the_operator_is_told(
    text: str, *, draws: bool
) -> None:
    found = loaded(text)

    assert found.settings.draws is draws
    assert any("#图片 is off" in str(note) for note in notes_on(found)) is not draws


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("model: gpt-3.5-turbo", "openai.model gpt-3.5-turbo was shut down on 2026-10-23"),
        ("model: m\nimage_model: dall-e-2", "openai.image_model dall-e-2 was shut down"),
        ("model: GPT-4", "GPT-4 was shut down"),
        ("preset: deepseek\nmodel: deepseek-chat", "deepseek.model deepseek-chat was shut down"),
    ],
)
def test_a_model_that_was_shut_down_is_a_warning(text: str, sign: str) -> None:
    assert any(sign in str(warning) for warning in warnings_on(loaded(text)))


@pytest.mark.parametrize(("model", "day"), KNOWN_SHUTDOWNS.items())
def test_a_shutdown_to_come_is_told_as_one(model: str, day: date) -> None:
    told = [str(one) for one in warnings_on(loaded(f"model: {model}")) if model in str(one)]

    assert len(told) == 1
    assert str(day) in told[0]


@pytest.mark.parametrize("text", ["preset: ollama\nmodel: gpt-4", AZURE + "model: gpt-4"])
def test_a_name_that_only_looks_like_a_retired_model_is_no_warning(text: str) -> None:
    assert not any("gpt-4" in str(one) for one in warnings_on(loaded(text)))
