"""The configuration of the service: every key, where it may be set, and what it may be."""

from entrypoints.secret import Secret
from entrypoints.settings.load import Loaded, configuration_file, load
from entrypoints.settings.providers import Credential, ProviderSettings
from entrypoints.settings.reading.mistakes import ConfigurationError, Mistake
from entrypoints.settings.schema import Settings, changed_keys_needing_restart
from entrypoints.settings.templates import built_in_templates, templates_in

__all__ = [
    "ConfigurationError",
    "Credential",
    "Loaded",
    "Mistake",
    "ProviderSettings",
    "Secret",
    "Settings",
    "built_in_templates",
    "changed_keys_needing_restart",
    "configuration_file",
    "load",
    "templates_in",
]
