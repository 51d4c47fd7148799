"""Every sentence the robot says by itself, in one catalogue for each language."""

from application.wording.catalogue import Wording
from application.wording.en import ENGLISH
from application.wording.zh import CHINESE

__all__ = ["CHINESE", "ENGLISH", "Wording", "wording_in"]


def wording_in(language: str) -> Wording:
    """The catalogue of a language of the configuration: `zh` or `en`."""
    return {"zh": CHINESE, "en": ENGLISH}[language]
