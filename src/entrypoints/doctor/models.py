"""The models: each provider is asked a short question, in the way in which people's questions are asked."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, timedelta

from adapters.openai.diagnosis import Cause, cause_of
from adapters.tokens.toktok import ToktokCounter
from application.errors import ModelFailure
from application.ports import ChatModel, Finish, ImageModel, TokenCounter
from domain.conversation import Prompt, fixed_tokens
from domain.model_availability import (
    Availability,
    ListedModel,
    ModelPurpose,
    ModelWarning,
    model_warning,
)
from entrypoints.doctor.finding import Finding
from entrypoints.doctor.model_troubles import BY_AVAILABILITY, BY_CAUSE, PICTURE_FAILED
from entrypoints.doctor.patient import Patient
from entrypoints.providers import (
    KINDS,
    ProviderModels,
    ProviderOptions,
    asked_urls,
    build,
    configured_models,
    model_list_of,
)
from entrypoints.rules import token_budget
from entrypoints.settings import Settings

HOP = "model"
QUESTION = "1 + 1 = ?"
PICTURE = "a red dot"
ASKER = "doctor"
AFTER_FIRST_TOKEN = timedelta(seconds=60)
"""What an answer to a short question may take once it has begun."""


async def models(patient: Patient) -> AsyncIterator[Finding]:
    """Costs one short question at each provider, and a picture where `patient.draws`. All at once."""
    chosen = patient.settings.effective_providers
    examined = (examine_provider(patient, one) for one in chosen)
    for findings in await asyncio.gather(*examined):
        for finding in findings:
            yield finding


async def examine_provider(patient: Patient, provider: ProviderOptions) -> tuple[Finding, ...]:
    """What is found about one provider: its chat model, its list of models, its image model."""
    if not KINDS[provider.kind].is_remote:
        return (Finding(hop=HOP, about=provider.name, fact="built in, not a real model"),)
    tokens = ToktokCounter(provider.asked_for)
    made = build(provider, tokens)
    try:
        answered, listed = await asyncio.gather(
            asked(made.chat, provider, question_as_asked(patient.settings, tokens)),
            listed_by(provider),
        )
        pictures = await _pictures(made, provider, listed, draws=patient.draws)
    finally:
        await made.aclose()
    today = patient.clock.now().astimezone(UTC).date()
    warnings = (model_warning(one, listed, today=today) for one in configured_models(provider))
    has_no_model = answered.trouble is BY_CAUSE[Cause.MODEL]
    return (
        answered,
        *(
            _of_warning(one)
            for one in warnings
            if one and not (has_no_model and one.model.purpose is ModelPurpose.CHAT)
        ),
        *pictures,
    )


def question_as_asked(settings: Settings, tokens: TokenCounter) -> Prompt:
    """A first question of a person: with the system prompt and the limits of the configuration."""
    system = settings.system_prompt
    size = fixed_tokens(system, tokens.count(QUESTION), tokens.count)
    return Prompt(
        system=system,
        turns=(),
        question=QUESTION,
        tokens=size,
        answer_limit=token_budget(settings).answer_limit(size),
        asker=ASKER,
    )


async def asked(model: ChatModel, provider: ProviderOptions, question: Prompt) -> Finding:
    """Whether a provider answers a question; why not, and how long it took."""
    way = f"{provider.asked_for}, {asked_urls(provider).chat}{', proxy' if provider.proxy_in_use else ''}"
    limit = min(provider.first_token_timeout + AFTER_FIRST_TOKEN, provider.request_timeout)
    try:
        async with asyncio.timeout(limit.total_seconds()):
            timings = await _timed(model, question)
    except TimeoutError:
        return _failed(provider, Cause.TIMEOUT, f"{way}: {limit.total_seconds():.0f} s")
    except ModelFailure as failure:
        cause = cause_of(failure, through_proxy=bool(provider.proxy_in_use))
        return _failed(provider, cause, f"{way}: {failure}")
    return Finding(hop=HOP, about=provider.name, fact=f"{way}, {timings}")


async def _timed(model: ChatModel, question: Prompt) -> str:
    """How long the first sign of an answer took (a thought is one), and the whole."""
    began = time.perf_counter()
    first = None
    async with aclosing(model.answer(question)) as items:
        async for item in items:
            if first is None and not isinstance(item, Finish):
                first = time.perf_counter() - began
    whole = time.perf_counter() - began
    return f"{1000 * (first or whole):.0f} ms to the first piece, {1000 * whole:.0f} ms"


def _failed(provider: ProviderOptions, cause: Cause, fact: str) -> Finding:
    return Finding(hop=HOP, about=provider.name, trouble=BY_CAUSE[cause], fact=fact)


async def listed_by(provider: ProviderOptions) -> tuple[ListedModel, ...] | None:
    """The models that a provider lists; None where it has no list, or gives none now."""
    source = model_list_of(provider)
    try:
        return await source.listed() if source else None
    except ModelFailure:
        return None  # the question says why


def _of_warning(warning: ModelWarning) -> Finding:
    facts = [warning.model.name]
    if warning.day is not None:
        facts.append(str(warning.day))
    if warning.problem is Availability.NOT_OFFERED and warning.suggestions:
        facts.append(" / ".join(warning.suggestions))
    return Finding(
        hop=HOP,
        about=warning.model.provider,
        trouble=BY_AVAILABILITY[warning.problem],
        fact=", ".join(facts),
    )


async def _pictures(
    made: ProviderModels,
    provider: ProviderOptions,
    listed: Sequence[ListedModel] | None,
    *,
    draws: bool,
) -> tuple[Finding, ...]:
    if made.images is None:
        return ()
    if draws:
        return (await drawn(made.images, provider),)
    seen = "listed" if listed else "not tried"
    fact = f"{provider.image_model}: {seen}; doctor --picture makes one"
    return (Finding(hop="picture", about=provider.name, fact=fact),)


async def drawn(model: ImageModel, provider: ProviderOptions) -> Finding:
    """Whether the image model of a provider makes a picture, which it charges for."""
    began = time.perf_counter()
    try:
        async with asyncio.timeout(provider.request_timeout.total_seconds()):
            await model.draw(PICTURE, asker=ASKER)
    except (ModelFailure, TimeoutError) as failure:
        told = str(failure) or type(failure).__name__
        fact = f"{provider.image_model}: {told}"
        return Finding(hop="picture", about=provider.name, trouble=PICTURE_FAILED, fact=fact)
    fact = f"{provider.image_model}, {time.perf_counter() - began:.0f} s"
    return Finding(hop="picture", about=provider.name, fact=fact)
