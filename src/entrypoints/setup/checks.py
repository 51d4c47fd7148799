"""The checks of `doctor` that an answer can be tested with."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.openai.diagnosis import cause_of
from adapters.tokens.toktok import ToktokCounter
from application.errors import ModelFailure
from domain.model_availability import ListedModel
from entrypoints.doctor.dingtalk import dingtalk
from entrypoints.doctor.finding import Finding
from entrypoints.doctor.model_troubles import BY_CAUSE
from entrypoints.doctor.models import HOP, asked, question_as_asked
from entrypoints.doctor.patient import Patient
from entrypoints.providers import asked_urls, build, model_list_of
from entrypoints.secret import Secret
from entrypoints.settings import Settings
from entrypoints.setup.answers import Answers, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResult:
    """The models that a service offers, or why it was not read; neither where it has no list."""

    models: tuple[ListedModel, ...] = ()
    failure: Finding | None = None


class Checks(Protocol):
    """Each looks at the answers so far. What they find names no secret."""

    def models(self, answers: Answers) -> ListResult:
        """The models that are offered to this key."""
        ...

    def chat(self, answers: Answers) -> Sequence[Finding]:
        """Whether the model answers a question; this costs one."""
        ...

    def robot(self, answers: Answers) -> Sequence[Finding]:
        """Whether DingTalk takes the robot's credentials, and its stream connection in stream mode."""
        ...


@dataclass(frozen=True, slots=True)
class DoctorChecks:
    """Satisfies `Checks`, over the network. The environment counts where the service would read it too."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def models(self, answers: Answers) -> ListResult:
        return asyncio.run(self._models(answers))

    def chat(self, answers: Answers) -> Sequence[Finding]:
        return asyncio.run(self._chat(answers))

    def robot(self, answers: Answers) -> Sequence[Finding]:
        return asyncio.run(_all_of(self._robot(answers)))

    async def _models(self, answers: Answers) -> ListResult:
        (provider,) = self._settings(answers).effective_providers
        source = model_list_of(provider)
        try:
            return ListResult(models=(await source.listed() if source else None) or ())
        except ModelFailure as failure:
            cause = cause_of(failure, through_proxy=bool(provider.proxy_in_use))
            fact = f"{asked_urls(provider).models}: {failure}"
            found = Finding(hop=HOP, about=provider.name, trouble=BY_CAUSE[cause], fact=fact)
            return ListResult(failure=found)

    async def _chat(self, answers: Answers) -> Sequence[Finding]:
        settings = self._settings(answers)
        (provider,) = settings.effective_providers
        tokens = ToktokCounter(provider.asked_for)
        made = build(provider, tokens)
        try:
            return [await asked(made.chat, provider, question_as_asked(settings, tokens))]
        finally:
            await made.aclose()

    async def _robot(self, answers: Answers) -> AsyncIterator[Finding]:
        client = dingtalk_client()
        try:
            async for finding in dingtalk(
                Patient(settings=self._settings(answers), to_dingtalk=client)
            ):
                yield finding
        finally:
            await client.aclose()

    def _settings(self, answers: Answers) -> Settings:
        settings = settings_of(answers)
        if proxy := self.environment.get("HTTP_PROXY"):
            settings = msgspec.structs.replace(settings, http_proxy=Secret(proxy))
        if url := self.environment.get("DINGTALK_API_URL"):
            settings = msgspec.structs.replace(settings, dingtalk_api_url=url)
        return settings


async def _all_of(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [one async for one in findings]
