"""What an operator is told about a configuration that is correct but may surprise."""

from collections.abc import Iterator

from entrypoints.settings.changes import changes_in
from entrypoints.settings.load import Loaded
from entrypoints.settings.permissions import warning_on_readers
from entrypoints.settings.schema import Settings
from entrypoints.settings.texts import Text, say

NOT_USED_YET = ("card_template_id",)


def warnings_on(loaded: Loaded) -> Iterator[Text]:
    """What is likely not to be meant."""
    settings = loaded.settings
    if warning := warning_on_trust(settings):
        yield warning
    if readers := warning_on_readers(loaded):
        yield readers


def notes_on(loaded: Loaded) -> Iterator[Text]:
    """What is meant, perhaps, and may surprise."""
    settings = loaded.settings
    if not settings.admin_users:
        yield say("no_administrator")
    if settings.providers:
        yield say("flat_keys_unused")
    elif settings.azure_on:
        yield say("api_key_unused")
    if not settings.service_url:
        yield say("no_public_address")
    yield from changes_in(loaded)
    if unused := [key for key in NOT_USED_YET if loaded.origins[key] != "default"]:
        yield say("not_used_yet", keys=", ".join(unused))
    yield say("counts", templates=len(loaded.templates), words=len(loaded.sensitive_words))


def warning_on_trust(settings: Settings) -> Text | None:
    """Who is let in without a signature; None if nobody is."""
    if settings.names_a_robot:
        return None
    return say("unsigned") if settings.allow_unsigned else say("open")
