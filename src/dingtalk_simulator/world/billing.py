"""What DingTalk would count against an organisation's monthly allowances.

Source: DingTalk, "dingtalk-application-development-platform-billing-model": calls of the OpenAPI, and
messages by webhook or stream; tokens are free, and so is what the QPS limit refused.
"""

from collections import Counter
from enum import StrEnum

import msgspec


class Billed(StrEnum):
    FREE = "free"
    API = "api"
    MESSAGES = "webhook_and_stream"


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    api: int
    webhook_and_stream: int
    by_endpoint: dict[str, int]


class Billing:
    """Counts since the start, or since the last reset."""

    def __init__(self) -> None:
        self._classes: Counter[str] = Counter()
        self._endpoints: Counter[str] = Counter()

    def count(self, billed: Billed, endpoint: str) -> None:
        if billed is not Billed.FREE:
            self._classes[billed] += 1
            self._endpoints[endpoint] += 1

    def of(self, billed: Billed) -> int:
        return self._classes[billed]

    def bill(self) -> Bill:
        return Bill(
            api=self.of(Billed.API),
            webhook_and_stream=self.of(Billed.MESSAGES),
            by_endpoint=dict(self._endpoints),
        )
