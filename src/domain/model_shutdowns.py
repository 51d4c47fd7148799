"""Days on which vendors shut models down, as they have announced them.

A provider's own list of models comes first: this table speaks where that has no dates. It holds names
that people still have in their configurations, from OpenAI's page of deprecations and DeepSeek's notice,
as of November 2026.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

BY_DAY: Mapping[date, tuple[str, ...]] = MappingProxyType(
    {
        date(2026, 2, 17): ("chatgpt-4o-latest",),
        date(2026, 5, 12): ("dall-e-2", "dall-e-3"),
        date(2026, 7, 24): ("deepseek-chat", "deepseek-reasoner"),
        date(2026, 10, 23): (
            "gpt-3.5-turbo",
            "gpt-3.5-turbo-0125",
            "gpt-4",
            "gpt-4-0613",
            "gpt-4-1106-preview",
            "gpt-4-turbo",
            "gpt-4-turbo-2024-04-09",
            "gpt-4o-2024-05-13",
            "gpt-4.1-nano",
            "gpt-4.1-nano-2025-04-14",
            "gpt-image-1",
            "o1",
            "o1-2024-12-17",
            "o1-pro",
            "o3-mini",
            "o3-mini-2025-01-31",
            "o4-mini",
            "o4-mini-2025-04-16",
        ),
        date(2026, 12, 1): ("chatgpt-image-latest", "gpt-image-1-mini", "gpt-image-1.5"),
        date(2026, 12, 11): (
            "gpt-5",
            "gpt-5-2025-08-07",
            "gpt-5-mini",
            "gpt-5-mini-2025-08-07",
            "gpt-5-nano",
            "gpt-5-nano-2025-08-07",
            "gpt-5-pro",
            "o3",
            "o3-2025-04-16",
            "o3-pro",
        ),
        date(2027, 1, 14): (
            "gpt-4o",
            "gpt-4o-2024-08-06",
            "gpt-4o-2024-11-20",
            "gpt-4o-mini",
            "gpt-4o-mini-2024-07-18",
            "gpt-4.1",
            "gpt-4.1-2025-04-14",
            "gpt-4.1-mini",
            "gpt-4.1-mini-2025-04-14",
        ),
        date(2027, 4, 1): ("gpt-5.1",),
    }
)


def _by_name() -> Iterator[tuple[str, date]]:
    for day, names in BY_DAY.items():
        for name in names:
            yield name, day


KNOWN_SHUTDOWNS: Mapping[str, date] = MappingProxyType(dict(_by_name()))
"""The day of each name, in lower case."""
