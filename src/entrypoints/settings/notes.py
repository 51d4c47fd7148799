"""What an operator is told about a configuration that is correct but may surprise."""

from collections.abc import Iterator
from datetime import date

from domain.model_shutdowns import KNOWN_SHUTDOWNS
from entrypoints.providers import KINDS
from entrypoints.settings.changes import changes_in
from entrypoints.settings.load import Loaded
from entrypoints.settings.permissions import warning_on_readers
from entrypoints.settings.schema import Settings
from entrypoints.settings.texts import Text, say

NOT_USED_YET = ("card_template_id",)


def warnings_on(loaded: Loaded) -> Iterator[Text]:
    """What is likely not to be meant."""
    yield from warnings_on_settings(loaded.settings)
    if readers := warning_on_readers(loaded):
        yield readers


def warnings_on_settings(settings: Settings) -> Iterator[Text]:
    """The same, but for who may read the files."""
    if warning := warning_on_trust(settings):
        yield warning
    yield from _cut_endings(settings)
    yield from _shutdowns(settings, date.today())  # noqa: DTZ011 - a day of the operator's own calendar


def notes_on(loaded: Loaded) -> Iterator[Text]:
    """What is meant, perhaps, and may surprise."""
    settings = loaded.settings
    if not settings.admin_users:
        yield say("no_administrator")
    if settings.providers:
        yield say("flat_keys_unused")
    elif settings.azure_on:
        yield say("api_key_unused")
    if not settings.draws:
        yield say("no_pictures")
    if not settings.service_url:
        yield say("no_public_address")
    yield from changes_in(loaded)
    if unused := [key for key in NOT_USED_YET if loaded.origins[key] != "default"]:
        yield say("not_used_yet", keys=", ".join(unused))
    yield say("counts", templates=len(loaded.templates), words=len(loaded.sensitive_words))


def _cut_endings(settings: Settings) -> Iterator[Text]:
    addresses = [("base_url", settings.base_url)] if not settings.providers else []
    for one in settings.providers:
        if not one.base_url_literal:
            addresses.append((f"{one.name}.base_url", one.base_url))
        addresses.append((f"{one.name}.endpoint", one.endpoint))
    for key, address in addresses:
        if address and address.cut:
            yield say("ending_cut", ending=address.cut, key=key, address=address.url)


def _shutdowns(settings: Settings, today: date) -> Iterator[Text]:
    """Of the models that OpenAI and DeepSeek have announced to shut down."""
    for provider in settings.effective_providers:
        is_local = provider.known is not None and provider.known.is_local
        if is_local or not KINDS[provider.kind].needs_model:
            continue
        for key, model in (("model", provider.model), ("image_model", provider.image_model)):
            if day := KNOWN_SHUTDOWNS.get(model.lower()):
                of = f"{provider.name}.{key}"
                is_over = say("shut_down", key=of, model=model, day=str(day))
                is_near = say("shuts_down", key=of, model=model, day=str(day))
                yield is_over if day <= today else is_near


def warning_on_trust(settings: Settings) -> Text | None:
    """Who is let in without a signature; None if nobody is."""
    if settings.names_a_robot:
        return None
    return say("unsigned") if settings.allow_unsigned else say("open")
