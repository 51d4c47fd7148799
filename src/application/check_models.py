"""Compare the configured models with what their providers offer."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from application.errors import ModelFailure
from application.ports import Clock, ModelList
from domain.model_availability import ConfiguredModel, ListedModel, ModelWarning, model_warning

logger = logging.getLogger(__name__)

LIST_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProvider:
    """A provider that has a list of models, and what is configured of it."""

    name: str
    source: ModelList
    models: Sequence[ConfiguredModel]

    async def listed(self, timeout_after: timedelta) -> tuple[ListedModel, ...] | None:
        """Its list; None where there is none, or where it cannot be had now."""
        try:
            async with asyncio.timeout(timeout_after.total_seconds()):
                return await self.source.listed()
        except (ModelFailure, TimeoutError) as failure:
            facts = {"kind": type(failure).__name__, "fact": str(failure)}
            logger.debug("model_list_failed", extra={"provider": self.name, **facts})
            return None

    def warnings(
        self, listed: Sequence[ListedModel] | None, today: date
    ) -> tuple[ModelWarning, ...]:
        """What is wrong with its models, given its list."""
        found = (model_warning(model, listed, today=today) for model in self.models)
        return tuple(warning for warning in found if warning is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckModels:
    """Ask every provider for its models, all at once.

    A list that cannot be had warns of nothing but the shutdowns that are known here.
    """

    providers: Sequence[ListedProvider]
    clock: Clock
    timeout: timedelta = LIST_TIMEOUT

    async def __call__(self) -> tuple[ModelWarning, ...]:
        today = self.clock.now().astimezone(UTC).date()
        lists = await asyncio.gather(*(one.listed(self.timeout) for one in self.providers))
        return tuple(
            warning
            for provider, listed in zip(self.providers, lists, strict=True)
            for warning in provider.warnings(listed, today)
        )
