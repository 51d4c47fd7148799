"""Whether a configured model is offered by its provider, and until when."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from enum import Enum
from fnmatch import fnmatchcase

from domain.model_shutdowns import KNOWN_SHUTDOWNS

NOTICE_PERIOD = timedelta(days=90)
"""A shutdown is announced to the operator from that long before it."""

MOST_SUGGESTIONS = 3

DATED_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4,6})$")
NEWEST = "-latest"
UNLISTED = re.compile(r"^(ep|bot)-")
"""Endpoints that a customer creates at Volcengine Ark; its list names the public models only."""
ROUTING_SUFFIXES = (":nitro", ":floor", ":online", ":exacto")
"""OpenRouter routes by them; its list has the name before them."""


class ModelPurpose(Enum):
    CHAT = "chat"
    IMAGES = "images"


class Availability(Enum):
    """What is wrong with a configured model."""

    NOT_OFFERED = "not_offered"
    SHUT_DOWN = "shut_down"
    SHUTTING_DOWN = "shutting_down"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredModel:
    """A model that the configuration names, under the operator's name for its provider."""

    provider: str
    purpose: ModelPurpose
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """An entry of a provider's list of models. `shutdown` is the last announced day, if any."""

    name: str
    shutdown: date | None = None
    is_deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWarning:
    """A configured model that does not answer, or soon will not.

    `day` is the day of the shutdown where it is known; `suggestions` are listed names like it.
    """

    model: ConfiguredModel
    problem: Availability
    day: date | None = None
    suggestions: tuple[str, ...] = ()


def model_warning(
    model: ConfiguredModel,
    listed: Sequence[ListedModel] | None,
    *,
    today: date,
    known: Mapping[str, date] = KNOWN_SHUTDOWNS,
) -> ModelWarning | None:
    """What an operator should know of this model today; None if nothing.

    `listed` is None or empty where the provider tells no models: then only `known` shutdowns count.
    """
    found = _entry(model.name, listed) if listed else None
    day = (found.shutdown if found else None) or known.get(canonical(model.name))

    def warning(problem: Availability, *suggestions: str) -> ModelWarning:
        return ModelWarning(model=model, problem=problem, day=day, suggestions=suggestions)

    if listed and found is None and not UNLISTED.match(model.name):
        has_ended = day is not None and day <= today
        problem = Availability.SHUT_DOWN if has_ended else Availability.NOT_OFFERED
        return warning(problem, *similar_names(model.name, listed))
    if day is not None and day <= today:
        # A gateway may still serve under this name what the vendor has shut down.
        return None if found and found.shutdown is None else warning(Availability.SHUT_DOWN)
    if day is not None and day - today <= NOTICE_PERIOD:
        return warning(Availability.SHUTTING_DOWN)
    if found is not None and found.is_deprecated:
        return warning(Availability.DEPRECATED)
    return None


def canonical(name: str) -> str:
    """The name as it is compared: case, `models/` (Gemini) and `:latest` (Ollama) make no difference."""
    return name.strip().casefold().removeprefix("models/").removesuffix(":latest")


def similar_names(model: str, listed: Iterable[ListedModel]) -> tuple[str, ...]:
    """Listed names that the operator may have meant, the closest first."""
    names = {canonical(one.name): one.name for one in listed}
    close = get_close_matches(canonical(model), names, n=MOST_SUGGESTIONS, cutoff=0.6)
    return tuple(names[one] for one in close)


def _entry(model: str, listed: Sequence[ListedModel]) -> ListedModel | None:
    """The entry that a request for this model is answered by."""
    names = {canonical(one.name): one for one in reversed(listed)}
    wanted = canonical(model)
    for suffix in ROUTING_SUFFIXES:
        wanted = wanted if wanted in names else wanted.removesuffix(suffix)
    if wanted in names:
        return names[wanted]
    # Some vendors list dated snapshots only, and take the name without the date for the newest one.
    stem = wanted.removesuffix(NEWEST)
    snapshots = [one for name, one in names.items() if DATED_SNAPSHOT.sub("", name) == stem]
    if snapshots:
        return max(snapshots, key=lambda one: one.name)
    # Gateways list whole families as patterns.
    return next(
        (one for name, one in names.items() if "*" in name and fnmatchcase(wanted, name)), None
    )
