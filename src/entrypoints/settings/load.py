"""Loading the configuration: environment over file over defaults, all mistakes at once."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.prompts import PromptTemplate
from entrypoints.settings.files import LARGEST_YAML, text_of
from entrypoints.settings.reading.mistakes import ConfigurationError, Mistake, Place, refusal
from entrypoints.settings.reading.readers import T
from entrypoints.settings.reading.structures import DeclaredKey, Readings, keys_of, readings
from entrypoints.settings.reading.yaml_text import MapNode, Node, ScalarNode, parse, shape_mistake
from entrypoints.settings.rules import broken_rules
from entrypoints.settings.schema import DEFAULT_PROMPT_FILE, Settings
from entrypoints.settings.templates import built_in_templates, templates_in
from entrypoints.settings.texts import Text, say
from entrypoints.settings.word_list import words_in

DEFAULT_FILE = Path("config.yml")
FILE_VARIABLE = "CONFIG_FILE"
MISNAMED = re.compile(r"config\.(ya?ml|json)(\.(ya?ml|txt))?", re.IGNORECASE)
IN_SMALL_LETTERS = frozenset({"no_proxy"})
"""Variables that other programs read in small letters as well."""

Entry = tuple[ScalarNode, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A configuration that can be used, with the contents of the files that it names.

    `origins` says for every key where its value came from: `config.yml:12`,
    `environment MAX_REQUEST` or `default`. `file` is None where there was none;
    `sensitive_words` are those of the key and of the file together.
    """

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None
    templates: tuple[PromptTemplate, ...]
    sensitive_words: tuple[str, ...] = field(repr=False)

    def origin_of(self, key: str) -> Text | Place:
        """Where the value of a key came from."""
        origin = self.origins[key]
        return say("from_default") if origin == "default" else Place(source=origin)


def load(path: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Loaded:
    """Load the file given, else that of CONFIG_FILE, else ./config.yml if it exists.

    Raises:
        ConfigurationError: with every mistake that was found.
    """
    variables = os.environ if environment is None else environment
    file = configuration_file(path, variables)
    mistakes: list[Mistake] = []
    overrides = tuple(_overrides(variables, mistakes))
    try:
        typed = _entries_of(file)
    except ConfigurationError as error:
        raise ConfigurationError((*error.mistakes, *_in_variables(overrides, mistakes))) from None
    overridden = {name.text for name, _ in overrides}
    kept = tuple(entry for entry in typed if entry[0].text not in overridden)
    whole = MapNode(entries=kept + overrides, place=Place(source=str(file)))
    found = readings(Settings, whole)
    return _completed(found, file, [*mistakes, *found.mistakes])


def configuration_file(path: Path | None, environment: Mapping[str, str]) -> Path | None:
    """The file to load; None if none is named and there is no ./config.yml."""
    named = path or (Path(environment[FILE_VARIABLE]) if environment.get(FILE_VARIABLE) else None)
    return named or (DEFAULT_FILE if os.path.lexists(DEFAULT_FILE) else None)


def _entries_of(file: Path | None) -> tuple[Entry, ...]:
    if file is None:
        return ()
    text = text_of(file, at_most=LARGEST_YAML)
    root = parse(text, str(file))
    if root is None:
        return ()
    if not isinstance(root, MapNode):
        raise refusal(root.place, shape_mistake(text, root))
    return root.entries


def _overrides(environment: Mapping[str, str], mistakes: list[Mistake]) -> Iterator[Entry]:
    """The keys that the environment sets. An empty variable sets nothing."""
    for key in keys_of(Settings).values():
        name = _set_variable(key, environment)
        if not name:
            continue
        place = Place(source=f"environment {name}")
        try:
            node = _node_of(key, environment[name], place)
        except ConfigurationError as error:
            mistakes += error.mistakes
            continue
        if node is not None:
            yield ScalarNode(text=key.name, place=place), node


def _set_variable(key: DeclaredKey, environment: Mapping[str, str]) -> str:
    """The name of the variable that sets a key; empty if none does."""
    if environment.get(key.environment):
        return key.environment
    return key.name if key.name in IN_SMALL_LETTERS and environment.get(key.name) else ""


def _node_of(key: DeclaredKey, text: str, place: Place) -> Node | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise refusal(place, say("not_utf8_variable"), key.name) from None
    try:
        return key.reader.from_environment(text, place)
    except ConfigurationError as error:
        problems = tuple(mistake.problem for mistake in error.mistakes)
        raise refusal(place, say("all_of", problems=problems), key.name) from None


def _in_variables(overrides: tuple[Entry, ...], mistakes: list[Mistake]) -> list[Mistake]:
    """What is wrong in the environment alone, told even when the file cannot be read."""
    place = Place(source="environment")
    return [*mistakes, *readings(Settings, MapNode(entries=overrides, place=place)).mistakes]


def _variable(key: DeclaredKey) -> Place:
    return Place(source=f"environment {key.environment}")


def _completed(found: Readings[Settings], file: Path | None, mistakes: list[Mistake]) -> Loaded:
    settings = found.struct

    def place_of(name: str) -> Place:
        missing = Place(source=str(file)) if file else _variable(keys_of(Settings)[name])
        return found.places.get(name) or found.blanks.get(name, missing)

    # A key that is misspelt is not missing as well.
    failed = frozenset(re.split(r"\W", one.path)[0] for one in mistakes)
    failed |= {one.meant for one in mistakes if one.meant}
    mistakes += broken_rules(settings, place_of, failed)
    words_file = settings.sensitive_words_file
    templates = _named_by(
        "prompt_file", lambda: _templates(settings.prompt_file), place_of, mistakes
    )
    words = _named_by(
        "sensitive_words_file",
        lambda: words_in(words_file) if words_file else (),
        place_of,
        mistakes,
    )
    if mistakes:
        misnamed = () if file else _misnamed()
        raise ConfigurationError((*misnamed, *sorted(mistakes, key=_reading_order)))
    return Loaded(
        settings=settings,
        origins={name: str(found.places.get(name, "default")) for name in keys_of(Settings)},
        file=file,
        templates=templates,
        sensitive_words=tuple(dict.fromkeys(settings.sensitive_words + words)),
    )


def _misnamed() -> Iterator[Mistake]:
    """Files beside that were meant to be the configuration and are not read."""
    for path in sorted(Path().iterdir()):
        if MISNAMED.fullmatch(path.name):
            problem = say("misnamed", name=str(DEFAULT_FILE))
            yield Mistake(place=Place(source=path.name), problem=problem)


def _templates(path: Path) -> tuple[PromptTemplate, ...]:
    if path == DEFAULT_PROMPT_FILE and not os.path.lexists(path):
        return built_in_templates()
    return templates_in(path)


def _named_by(
    key: str,
    read: Callable[[], tuple[T, ...]],
    place_of: Callable[[str], Place],
    mistakes: list[Mistake],
) -> tuple[T, ...]:
    """The contents of a file that a key names; what is wrong with the whole file is told there."""
    try:
        return read()
    except ConfigurationError as error:
        for mistake in error.mistakes:
            is_inside = mistake.place.line is not None
            here = Mistake(
                place=place_of(key), path=key, problem=say("all_of", problems=(mistake,))
            )
            mistakes.append(mistake if is_inside else here)
        return ()


def _reading_order(mistake: Mistake) -> tuple[bool, str, int]:
    return mistake.place.is_environment, mistake.place.source, mistake.place.line or 0
