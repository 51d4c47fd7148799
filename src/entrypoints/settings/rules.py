"""Rules between keys: what is required by what, and what this version does not do."""

from collections.abc import Callable, Iterator, Mapping

from entrypoints.presets import PRESETS
from entrypoints.providers import KINDS
from entrypoints.secret import Secret
from entrypoints.settings.addresses import azure_resource, safely_quoted
from entrypoints.settings.providers import missing_keys
from entrypoints.settings.reading.mistakes import Mistake, Place, UnfitError
from entrypoints.settings.schema import Settings
from entrypoints.settings.secrets import unfitness
from entrypoints.settings.texts import Text, say

Problem = tuple[str, Text]
"""The key and what is wrong with it."""

EXAMPLES = ("openai", "deepseek", "dashscope", "zhipu", "ollama")
AZURE_KEYS = ("azure_api_version", "azure_resource_name", "azure_deployment_name")


def broken_rules(
    settings: Settings, place_of: Callable[[str], Place], failed: frozenset[str]
) -> Iterator[Mistake]:
    """What the keys together get wrong. Keys in `failed` were not readable and are not judged."""
    for rule, depends_on in RULES.items():
        for key, problem in rule(settings) if failed.isdisjoint(depends_on) else ():
            outermost = key.partition("[")[0]
            if outermost not in failed:
                yield Mistake(place=place_of(outermost), path=key, problem=problem)


def _openai_rule(settings: Settings) -> Iterator[Problem]:
    if settings.uses_azure or settings.providers:
        return
    missing = set(missing_keys(settings.flat_provider))
    if "api_key" in missing:
        yield "api_key", _missing_key(settings)
    elif settings.api_key:
        yield from _secret_problem("api_key", settings.api_key)
    if settings.base_url and settings.base_url.has_query:
        yield "base_url", say("web_has_more", found=safely_quoted(settings.base_url.typed))
    if "base_url" in missing:
        yield "base_url", say("no_address", preset=settings.preset)


def _missing_key(settings: Settings) -> Text:
    known = PRESETS.get(settings.preset)
    return (
        say("no_key_of_preset", page=known.key_page) if known and known.key_page else say("no_key")
    )


def _model_rule(settings: Settings) -> Iterator[Problem]:
    """No model is taken by itself: a default would be one that its service retires some day."""
    for index, provider in enumerate(settings.effective_providers):
        if provider.model or not KINDS[provider.kind].needs_model:
            continue
        if settings.providers:
            examples = examples_of(provider.preset)
            yield f"providers[{index}].model", say("no_model_there", examples=examples)
        else:
            yield "model", say("no_model", examples=examples_of(settings.preset))


def examples_of(preset: str) -> str:
    """Names of models: that of the preset, or of some well-known services."""
    names = [preset] if preset else EXAMPLES
    return ", ".join(f"{PRESETS[name].example_model} ({name})" for name in names)


def _azure_rule(settings: Settings) -> Iterator[Problem]:
    if not settings.uses_azure or settings.providers:
        return
    if settings.preset not in ("", "azure"):
        yield "preset", say("two_services", preset=settings.preset)
    by = "azure_on: true" if settings.azure_on else "preset: azure"
    for key in AZURE_KEYS:
        value = getattr(settings, key)
        if not value:
            yield key, say("needed_by", by=by)
        elif set(value.lower()) == {"x"}:
            yield key, say("placeholder_for", by=by)
        elif key == "azure_resource_name":
            yield from _resource_problem(value)
    key = "azure_openai_token" if settings.azure_openai_token or settings.azure_on else "api_key"
    token = settings.flat_provider.api_key
    if not token:
        yield key, say("needed_by", by=by)
    else:
        yield from _secret_problem(key, token)


def _resource_problem(name: str) -> Iterator[Problem]:
    try:
        azure_resource(name)
    except UnfitError as error:
        yield "azure_resource_name", error.text


def _secret_problem(key: str, secret: Secret) -> Iterator[Problem]:
    if problem := unfitness(secret.reveal()):
        yield key, problem


def _stream_rule(settings: Settings) -> Iterator[Problem]:
    if settings.run_mode == "stream" and not settings.credentials:
        yield "run_mode", say("no_credentials")
    if settings.stream_mode:
        yield "stream_mode", say("no_cards")


def _workers_rule(settings: Settings) -> Iterator[Problem]:
    address = settings.database_url.reveal() if settings.database_url else ""
    if settings.workers > 1 and not address.startswith("postgres"):
        yield "workers", say("workers_need_postgresql")


def _webhook_rule(settings: Settings) -> Iterator[Problem]:
    if not settings.webhook_hosts:
        yield "webhook_hosts", say("no_webhook")


RULES: Mapping[Callable[[Settings], Iterator[Problem]], frozenset[str]] = {
    _openai_rule: frozenset({"azure_on", "base_url", "preset", "providers"}),
    _model_rule: frozenset({"azure_on", "preset", "providers", "model"}),
    _azure_rule: frozenset({"azure_on", "preset", "providers"}),
    _stream_rule: frozenset({"credentials"}),
    _workers_rule: frozenset({"database_url"}),
    _webhook_rule: frozenset(),
}
