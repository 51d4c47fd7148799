"""What the command line says, in the operator's language."""

from entrypoints.cli.texts.catalogue import CliTexts, CommandHelp
from entrypoints.cli.texts.en import ENGLISH
from entrypoints.cli.texts.zh import CHINESE
from entrypoints.settings.texts import Language

__all__ = ["CHINESE", "ENGLISH", "CliTexts", "CommandHelp", "texts_in"]


def texts_in(language: Language) -> CliTexts:
    return ENGLISH if language == "en" else CHINESE
