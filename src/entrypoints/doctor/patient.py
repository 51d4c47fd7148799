"""What is examined: the configuration as it was loaded, and the way out that all checks share."""

from dataclasses import dataclass, field

import httpx

from adapters.clock import SystemClock
from application.ports import Clock
from entrypoints.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """`to_dingtalk` goes as the service's own calls to DingTalk go. `draws`: a picture may be paid for."""

    settings: Settings
    to_dingtalk: httpx.AsyncClient
    draws: bool = False
    clock: Clock = field(default_factory=SystemClock)
