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

    def warnings(
        self, listed: Sequence[ListedModel] | None, today: date
    ) -> tuple[ModelWarning, ...]:
        """What is wrong with its models, given its list."""
        found = (model_warning(model, listed, today=today) for model in self.models)
        return tuple(warning for warning in found if warning is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """What was found. Of the providers in `unread` the list could not be had, so the next try may be soon."""

    warnings: tuple[ModelWarning, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckModels:
    """Ask every provider for its models, all at once.

    Of a list that cannot be had now the warnings of the report before stand.
    """

    providers: Sequence[ListedProvider]
    clock: Clock
    timeout: timedelta = LIST_TIMEOUT

    async def __call__(self, before: ModelReport = ModelReport()) -> ModelReport:
        today = self.clock.now().astimezone(UTC).date()
        found = await asyncio.gather(*(self._warnings(one, today) for one in self.providers))
        warnings: list[ModelWarning] = []
        unread: list[str] = []
        for provider, of_provider in zip(self.providers, found, strict=True):
            if of_provider is not None:
                warnings += of_provider
                continue
            unread.append(provider.name)
            earlier = [one for one in before.warnings if one.model.provider == provider.name]
            warnings += earlier or provider.warnings(None, today)
        return ModelReport(warnings=tuple(warnings), unread=tuple(unread))

    async def _warnings(
        self, provider: ListedProvider, today: date
    ) -> tuple[ModelWarning, ...] | None:
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                listed = await provider.source.listed()
        except (ModelFailure, TimeoutError) as failure:
            facts = {"kind": type(failure).__name__, "fact": str(failure)}
            logger.debug("model_list_failed", extra={"provider": provider.name, **facts})
            return None
        return provider.warnings(listed, today)
