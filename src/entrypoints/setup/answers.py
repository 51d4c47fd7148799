"""What is answered, and the configuration that it makes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from entrypoints.presets import PRESETS, Preset
from entrypoints.settings import Settings
from entrypoints.settings.providers import Credential
from entrypoints.settings.reading.mistakes import ConfigurationError, Mistake, Place
from entrypoints.settings.reading.structures import keys_of, readings
from entrypoints.settings.reading.yaml_text import ListNode, MapNode, Node, ScalarNode, parse
from entrypoints.settings.rules import broken_rules
from entrypoints.settings.secrets import unfitness
from entrypoints.settings.texts import Language
from entrypoints.setup.texts import SetupTexts, texts_in

AZURE = "azure"
NAME = "config.yml"
PLACE = Place(source=NAME)
SECRETS = frozenset({"api_key", "client_secret"})

MODEL_KEYS = (
    "base_url",
    "api_key",
    "model",
    "azure_resource_name",
    "azure_deployment_name",
    "azure_api_version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Every text is as the person gave it, without blanks around it; what was left out is empty.

    `service` names a preset; empty, the service is the one at `base_url`.
    """

    language: Language = "zh"
    service: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    http_proxy: str = field(default="", repr=False)
    model: str = ""
    azure_resource_name: str = ""
    azure_deployment_name: str = ""
    azure_api_version: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    run_mode: str = ""
    service_url: str = ""
    admin_users: tuple[str, ...] = ()
    max_request: str = ""
    dingtalk_api_url: str = ""

    @property
    def preset(self) -> Preset | None:
        return PRESETS.get(self.service)

    @property
    def needs_key(self) -> bool:
        return self.preset is None or self.preset.needs_key

    @property
    def needs_address(self) -> bool:
        """Whether only the operator knows where the service is."""
        preset = self.preset
        return preset is None or (preset.kind != AZURE and not preset.address)


def config_text(answers: Answers) -> str:
    """The configuration file, commented in the language of the answers. It loads to the answers."""
    return "\n".join(_lines(answers, texts_in(answers.language))) + "\n"


def _lines(answers: Answers, texts: SetupTexts) -> Iterator[str]:
    yield from _comment(texts.file_head)
    yield from _entry("language", answers.language)
    yield ""
    yield from _comment(texts.file_model)
    yield from _entry("preset", answers.service)
    for key in MODEL_KEYS:
        yield from _entry(key, getattr(answers, key))
    if answers.http_proxy:
        yield from _comment(texts.file_proxy)
        yield from _entry("http_proxy", answers.http_proxy)
    yield ""
    yield from _comment(texts.file_robot)
    yield from _entry("run_mode", answers.run_mode)
    if answers.client_id:
        yield "credentials:"
        yield f"  - client_id: {quoted(answers.client_id)}"
        yield f"    client_secret: {quoted(answers.client_secret)}"
    for key in ("dingtalk_api_url", "service_url"):
        yield from _entry(key, getattr(answers, key))
    yield from _comment(texts.file_outgoing)
    yield 'allow_outgoing_groups: ["disabled"]'
    yield ""
    yield from _comment(texts.file_people)
    if answers.admin_users:
        yield f"admin_users: [{', '.join(map(quoted, answers.admin_users))}]"
    yield from _entry("max_request", answers.max_request)


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in text.splitlines())


def _entry(key: str, value: str) -> Iterator[str]:
    if value:
        yield f"{key}: {quoted(value)}"


def quoted(text: str) -> str:
    """The text as a double-quoted scalar of YAML, on one line, whatever is in it."""
    escapes = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(one) or _escaped(one) for one in text) + '"'


def _escaped(letter: str) -> str:
    if letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - YAML's


def settings_of(answers: Answers) -> Settings:
    """The settings that the answers make so far; what was not answered yet has its default."""
    node = parse(config_text(answers), NAME)
    assert isinstance(node, MapNode)  # noqa: S101 - it has a key at least
    return readings(Settings, node).struct


def problem_with(question: str, text: str, answers: Answers) -> str:
    """Why a text cannot be the answer to a question after those `answers`; empty if it can.

    It is what the settings would say of the key, in the language of the answers.
    """
    language, key = answers.language, "preset" if question == "service" else question
    if not text.isprintable():
        return texts_in(language).unprintable
    if question in SECRETS:
        problem = unfitness(text)
        return problem.told(language) if problem else ""
    if question == "admin_users":
        mistakes = _mistakes_in(key, ListNode(items=(_scalar(text),), place=PLACE))
    else:
        mistakes = _mistakes_in(key, _scalar(text)) or _broken_by(question, key, text, answers)
    return "; ".join(one.problem.told(language) for one in mistakes)


def _scalar(text: str) -> ScalarNode:
    return ScalarNode(text=text, place=PLACE)


def _mistakes_in(key: str, node: Node) -> tuple[Mistake, ...]:
    struct = Credential if key in keys_of(Credential) else Settings
    try:
        keys_of(struct)[key].reader.parse(node, key)
    except ConfigurationError as error:
        return error.mistakes
    return ()


def _broken_by(question: str, key: str, text: str, answers: Answers) -> tuple[Mistake, ...]:
    """What the rules between keys say of this one, once it has this value."""
    changed = replace(answers, **{question: text})  # type: ignore[arg-type] # this one is a text
    broken = broken_rules(settings_of(changed), lambda _: PLACE, frozenset())
    return tuple(one for one in broken if one.path == key)
