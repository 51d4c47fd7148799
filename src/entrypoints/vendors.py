"""Every kind of model provider: a new one is a function here and a line in the container."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.demo.chat import DemoChatModel
from adapters.openai.chat import OpenAIChatModel
from adapters.openai.connection import Connection
from adapters.openai.endpoint import AzureEndpoint, Endpoint, OpenAIEndpoint, Route
from adapters.openai.pace import Limits
from application.ports import ChatModel, TokenCounter
from entrypoints.settings import ProviderSettings, Secret, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorModel:
    """A model, and how to close what it holds open."""

    model: ChatModel
    aclose: Callable[[], Awaitable[None]]


def openai_model(settings: ProviderSettings, *, limits: Limits) -> VendorModel:
    """OpenAI, or a server that speaks its protocol."""
    endpoint = OpenAIEndpoint(api_key=_revealed(settings.api_key), base_url=settings.base_url)
    return _over(endpoint, settings, settings.model, limits)


def azure_model(settings: ProviderSettings, *, limits: Limits) -> VendorModel:
    """A deployment at Azure OpenAI."""
    endpoint = AzureEndpoint(
        api_key=_revealed(settings.api_key),
        url=settings.endpoint,
        deployment=settings.deployment_name,
        api_version=settings.api_version,
    )
    return _over(endpoint, settings, settings.deployment_name, limits)


def demo_model(_settings: ProviderSettings, *, tokens: TokenCounter) -> VendorModel:
    """The built-in model that needs no network."""

    async def nothing_to_close() -> None:
        """It holds nothing open."""

    return VendorModel(model=DemoChatModel(tokens.count), aclose=nothing_to_close)


def limits_of(settings: Settings) -> Limits:
    """How long a model may take; where there are several, none may be silent for more than its share."""
    whole = settings.request_timeout
    share = whole / len(settings.effective_providers)
    return Limits(whole=whole, first_piece=min(Limits().first_piece, share))


def _over(
    endpoint: Endpoint, settings: ProviderSettings, model: str, limits: Limits
) -> VendorModel:
    route = Route(proxy=_revealed(settings.proxy), connections=settings.concurrency)
    connection = Connection(endpoint, route)
    chat = OpenAIChatModel(
        connection,
        model=model,
        streams=settings.stream,
        temperature=settings.temperature,
        limits=limits,
    )
    return VendorModel(model=chat, aclose=connection.aclose)


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""
