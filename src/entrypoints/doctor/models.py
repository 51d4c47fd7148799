"""The models: each provider answers a small question, by its own key, model and proxy."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing

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
from entrypoints.settings import ProviderSettings
from entrypoints.vendors import VendorModel, azure_model, limits_of, openai_model

HOP = "model"
QUESTION = Prompt(system="", turns=(), question="Say OK.", answer_limit=256)

TROUBLES: Mapping[type[ModelFailure], Trouble] = {
    ModelMisconfigured: MODEL_MISCONFIGURED,
    ModelOutOfFunds: MODEL_NO_FUNDS,
    ModelUnavailable: MODEL_AWAY,
}
VENDORS: Mapping[str, Callable[..., VendorModel]] = {"openai": openai_model, "azure": azure_model}
"""All that is reached over a network."""


async def models(patient: Patient) -> AsyncIterator[Finding]:
    """Costs a question of a few tokens at each provider."""
    for provider in patient.settings.effective_providers:
        vendor_of = VENDORS.get(provider.kind or "")
        if vendor_of is not None:
            vendor = vendor_of(provider, limits=limits_of(patient.settings))
            yield await _asked(vendor, provider)
        else:
            yield Finding(hop=HOP, about=provider.name, fact="built in, not a real model")


async def _asked(vendor: VendorModel, provider: ProviderSettings) -> Finding:
    way = "proxy" if provider.proxy else "direct"
    told = f"{provider.deployment_name or provider.model}, {way}"
    began = first = time.perf_counter()
    try:
        async with aclosing(vendor.model.answer(QUESTION)) as items:
            async for item in items:
                if first == began:
                    first = time.perf_counter()
                if isinstance(item, Finish):
                    told = f"{item.model}, {way}"
    except ModelFailure as failure:
        trouble = TROUBLES.get(type(failure), MODEL_ODD)
        return Finding(hop=HOP, about=provider.name, trouble=trouble, fact=f"{told}: {failure}")
    finally:
        await vendor.aclose()
    whole = time.perf_counter() - began
    fact = f"{told}, {1000 * (first - began):.0f} ms to the first piece, {1000 * whole:.0f} ms"
    return Finding(hop=HOP, about=provider.name, fact=fact)
