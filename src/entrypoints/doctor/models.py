"""The models: each provider answers a small question, by its own key, model and proxy."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing

from adapters.tokens.toktok import ToktokCounter
from application.errors import (
    ModelFailure,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelUnavailable,
)
from application.ports import Finish
from domain.conversation import Prompt
from entrypoints.doctor.finding import Finding, Trouble
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import (
    MODEL_AWAY,
    MODEL_MISCONFIGURED,
    MODEL_NO_FUNDS,
    MODEL_ODD,
)
from entrypoints.providers import KINDS, ProviderModels, ProviderOptions, build

HOP = "model"
QUESTION = Prompt(system="", turns=(), question="Say OK.", answer_limit=256)

TROUBLES: Mapping[type[ModelFailure], Trouble] = {
    ModelMisconfigured: MODEL_MISCONFIGURED,
    ModelOutOfFunds: MODEL_NO_FUNDS,
    ModelUnavailable: MODEL_AWAY,
}


async def models(patient: Patient) -> AsyncIterator[Finding]:
    """Costs a question of a few tokens at each provider."""
    for provider in patient.settings.effective_providers:
        if KINDS[provider.kind].is_remote:
            tokens = ToktokCounter(provider.asked_for)
            yield await _asked(build(provider, tokens), provider)
        else:
            yield Finding(hop=HOP, about=provider.name, fact="built in, not a real model")


async def _asked(models: ProviderModels, provider: ProviderOptions) -> Finding:
    way = "proxy" if provider.proxy else "direct"
    told = f"{provider.asked_for}, {way}"
    began = first = time.perf_counter()
    try:
        async with aclosing(models.chat.answer(QUESTION)) as items:
            async for item in items:
                if first == began:
                    first = time.perf_counter()
                if isinstance(item, Finish):
                    told = f"{item.model}, {way}"
    except ModelFailure as failure:
        trouble = TROUBLES.get(type(failure), MODEL_ODD)
        return Finding(hop=HOP, about=provider.name, trouble=trouble, fact=f"{told}: {failure}")
    finally:
        await models.aclose()
    whole = time.perf_counter() - began
    fact = f"{told}, {1000 * (first - began):.0f} ms to the first piece, {1000 * whole:.0f} ms"
    return Finding(hop=HOP, about=provider.name, fact=fact)
