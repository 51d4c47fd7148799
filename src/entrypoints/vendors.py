"""Every kind of model provider: a new one is a function here and a line in the container."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.demo.chat import DemoChatModel
from adapters.demo.pictures import DemoImageModel
from adapters.openai.chat import OpenAIChatModel
from adapters.openai.connection import Connection
from adapters.openai.endpoint import AzureEndpoint, OpenAIEndpoint, Route
from adapters.openai.images import OpenAIImageModel
from adapters.openai.pace import Limits
from adapters.pictures.reading import verified
from application.ports import ChatModel, ImageModel, TokenCounter
from entrypoints.settings import ProviderSettings, Secret, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorModel:
    """One provider's models, and how to close what they hold open."""

    model: ChatModel
    images: ImageModel
    aclose: Callable[[], Awaitable[None]]


def openai_model(settings: ProviderSettings, *, limits: Limits) -> VendorModel:
    """OpenAI, or a server that speaks its protocol: one way to both models."""
    endpoint = OpenAIEndpoint(api_key=_revealed(settings.api_key), base_url=settings.base_url)
    connection = Connection(endpoint, _route(settings))
    return VendorModel(
        model=_chat(connection, settings, settings.model, limits),
        images=_images(connection, settings),
        aclose=connection.aclose,
    )


def azure_model(settings: ProviderSettings, *, limits: Limits) -> VendorModel:
    """Two deployments at Azure OpenAI; `image_model` is the name of the one that draws."""

    def connection_to(deployment: str) -> Connection:
        endpoint = AzureEndpoint(
            api_key=_revealed(settings.api_key),
            url=settings.endpoint,
            deployment=deployment,
            api_version=settings.api_version,
        )
        return Connection(endpoint, _route(settings))

    chat, images = map(connection_to, (settings.deployment_name, settings.image_model))

    async def aclose() -> None:
        await chat.aclose()
        await images.aclose()

    return VendorModel(
        model=_chat(chat, settings, settings.deployment_name, limits),
        images=_images(images, settings),
        aclose=aclose,
    )


def demo_model(_settings: ProviderSettings, *, tokens: TokenCounter) -> VendorModel:
    """The built-in models that need no network."""

    async def nothing_to_close() -> None:
        """They hold nothing open."""

    return VendorModel(
        model=DemoChatModel(tokens.count), images=DemoImageModel(), aclose=nothing_to_close
    )


def limits_of(settings: Settings) -> Limits:
    """How long a model may take; where there are several, none may be silent for more than its share."""
    whole = settings.request_timeout
    share = whole / len(settings.effective_providers)
    return Limits(whole=whole, first_piece=min(Limits().first_piece, share))


def _route(settings: ProviderSettings) -> Route:
    return Route(proxy=_revealed(settings.proxy), connections=settings.concurrency)


def _chat(
    connection: Connection, settings: ProviderSettings, model: str, limits: Limits
) -> OpenAIChatModel:
    return OpenAIChatModel(
        connection,
        model=model,
        streams=settings.stream,
        temperature=settings.temperature,
        limits=limits,
    )


def _images(connection: Connection, settings: ProviderSettings) -> OpenAIImageModel:
    return OpenAIImageModel(connection, model=settings.image_model, verified=verified)


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""
