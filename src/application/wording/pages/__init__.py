"""What is written on the history page, in each language."""

from application.wording.pages.catalogue import PageWording
from application.wording.pages.en import ENGLISH
from application.wording.pages.zh import CHINESE

__all__ = ["CHINESE", "ENGLISH", "PageWording"]
