"""What an operator reads of a configured model that is not offered, or not for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.model_availability import Availability, ModelPurpose, ModelWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWarningWording:
    """Each sentence has {provider}, {key}, {model}; some have {day}."""

    sentences: Mapping[Availability, str]
    similar: str
    """Follows where the list has names like it: {names}."""


CHINESE = ModelWarningWording(
    sentences={
        Availability.NOT_OFFERED: "{provider} 没有提供 {key} 所写的 {model}，请换成它提供的模型。",
        Availability.SHUT_DOWN: "{provider} 的 {model}（{key}）已于 {day} 停止服务，请换一个模型。",
        Availability.SHUTTING_DOWN: (
            "{provider} 的 {model}（{key}）将于 {day} 停止服务，请在那之前换一个模型。"
        ),
        Availability.DEPRECATED: "{provider} 已不再推荐 {model}（{key}），请尽早换一个模型。",
    },
    similar="相近的有：{names}。",
)

ENGLISH = ModelWarningWording(
    sentences={
        Availability.NOT_OFFERED: (
            "{provider} does not offer {model}, which {key} names: set a model that it offers."
        ),
        Availability.SHUT_DOWN: (
            "{model} of {provider} ({key}) was shut down on {day}: set another model."
        ),
        Availability.SHUTTING_DOWN: (
            "{model} of {provider} ({key}) will be shut down on {day}: set another model before."
        ),
        Availability.DEPRECATED: (
            "{provider} has deprecated {model} ({key}): set another model before it is shut down."
        ),
    },
    similar=" Similar ones: {names}.",
)

KEYS = {ModelPurpose.CHAT: "model", ModelPurpose.IMAGES: "image_model"}


def told(warning: ModelWarning, language: Literal["zh", "en"]) -> str:
    """The warning as a sentence that says what to do."""
    wording = CHINESE if language == "zh" else ENGLISH
    model = warning.model
    sentence = wording.sentences[warning.problem].format(
        provider=model.provider, key=KEYS[model.purpose], model=model.name, day=warning.day
    )
    if warning.suggestions:
        sentence += wording.similar.format(names=", ".join(warning.suggestions))
    return sentence
