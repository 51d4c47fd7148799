"""The account at each provider, and who is asked for its balance."""

from collections.abc import Sequence

from adapters.openai.billing import OpenAIBilling
from adapters.openai.endpoint import OpenAIEndpoint, Route
from application.ports import Clock
from application.report_balance import Account
from entrypoints.settings import ProviderSettings, Secret


def accounts_of(chosen: Sequence[ProviderSettings], clock: Clock) -> tuple[Account, ...]:
    """One for each provider, in order. Azure tells balances to its portal only."""
    return tuple(
        Account(
            provider=one.name,
            source=_billing(one, clock) if one.kind == "openai" else None,
            is_free=one.kind == "demo",
        )
        for one in chosen
    )


def _billing(settings: ProviderSettings, clock: Clock) -> OpenAIBilling:
    endpoint = OpenAIEndpoint(api_key=_revealed(settings.api_key), base_url=settings.base_url)
    route = Route(proxy=_revealed(settings.proxy))
    return OpenAIBilling(endpoint, route, provider=settings.name, clock=clock)


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""
