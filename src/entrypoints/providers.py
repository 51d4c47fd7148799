"""Every kind of provider: how its models are made, what it needs, and what it can do.

A new kind is a module with its function and a line in `KINDS`. Settings check their keys against it, the
container builds by it, `doctor` and 余额 ask it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.demo.chat import DemoChatModel
from adapters.demo.pictures import DemoImageModel
from adapters.net.no_proxy import DirectHosts
from adapters.openai.billing import OpenAIBilling
from adapters.openai.chat import ChatOptions, OpenAIChatModel
from adapters.openai.connection import (
    AzureEndpoint,
    Connection,
    ConnectionOptions,
    OpenAIEndpoint,
)
from adapters.openai.images import OpenAIImageModel
from adapters.openai.model_list import OpenAIModelList
from adapters.openai.parameters import ParameterSupport
from adapters.openai.timeouts import StreamTimeouts
from adapters.openai.urls import AskedUrls, azure_urls, openai_urls
from adapters.pictures.reading import verified
from application.check_models import ListedProvider
from application.ports import AccountBalance, ChatModel, Clock, ImageModel, ModelList, TokenCounter
from application.report_balance import Account
from domain.model_availability import ConfiguredModel, ModelPurpose
from entrypoints.presets import PRESETS, Preset
from entrypoints.secret import Secret

NO_KEY = "none"
"""What a local server is told that asks for no key: the SDK insists on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOptions:
    """A provider of the configuration with every default filled in.

    `base_url` and `endpoint` are whole addresses; `proxy` is None where there is none,
    and not used for
    `direct_hosts` (entries as in NO_PROXY). `image_model` is empty where it makes no pictures, `preset` where
    the service is not known.
    """

    name: str
    kind: str
    preset: str = ""
    api_key: Secret | None = None
    base_url: str = ""
    base_url_literal: bool = False
    model: str = ""
    image_model: str = ""
    endpoint: str = ""
    deployment_name: str = ""
    api_version: str = ""
    stream: bool = True
    concurrency: int = 64
    temperature: float | None = None
    proxy: Secret | None = None
    direct_hosts: tuple[str, ...] = ()
    request_timeout: timedelta = timedelta(seconds=600)
    first_token_timeout: timedelta = timedelta(seconds=120)
    idle_timeout: timedelta = timedelta(seconds=60)
    context_length: int | None = None
    reasoning_as_answer: bool = False
    thinks_untagged: bool = False
    extra_body: Mapping[str, object] = field(default_factory=dict)
    extra_headers: Mapping[str, Secret] = field(default_factory=dict)

    @property
    def asked_for(self) -> str:
        """The model's name in a question; with Azure that of the deployment."""
        return self.deployment_name or self.model

    @property
    def proxy_in_use(self) -> Secret | None:
        """The proxy on the way to the model; None where `direct_hosts` says that there is none."""
        address = self.endpoint or self.base_url
        return None if DirectHosts.of(self.direct_hosts).cover(address) else self.proxy

    @property
    def known(self) -> Preset | None:
        """What is known of the service."""
        return PRESETS.get(self.preset)

    @property
    def draws(self) -> bool:
        return KINDS[self.kind].draws_by_itself or bool(self.image_model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderModels:
    """A provider's models, and how to close what they hold open. `images` is None where it has none."""

    chat: ChatModel
    images: ImageModel | None
    aclose: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKind:
    """A protocol, or a way to speak it.

    Of the keys in `needs` each must be set, of those in `needs_one_of` one, and `model`, which may come
    from the key for all providers, where it `needs_model`. `billing` makes what asks for the balance of an
    account; None: nobody can be asked. `model_list` likewise makes what tells the models that are offered.
    `urls` tells the addresses that are asked. A kind that `is_remote` is reached over a network and costs
    money.
    """

    build: Callable[[ProviderOptions, TokenCounter], ProviderModels]
    needs: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    needs_model: bool = False
    default_address: str = ""
    is_remote: bool = True
    draws_by_itself: bool = False
    billing: Callable[[ProviderOptions, Clock], AccountBalance] | None = None
    model_list: Callable[[ProviderOptions], ModelList] | None = None
    urls: Callable[[ProviderOptions], AskedUrls] | None = None


def build(options: ProviderOptions, tokens: TokenCounter) -> ProviderModels:
    """The models of one provider; nothing is opened before the first question."""
    return KINDS[options.kind].build(options, tokens)


def account_of(options: ProviderOptions, clock: Clock) -> Account:
    """The account at a provider, and who is asked for its balance.

    A service that is known to have no such route is not asked, nor one of which only the address for
    questions is known.
    """
    kind, known = KINDS[options.kind], options.known
    may_have_it = known.has_billing if known else not options.base_url_literal
    asks = kind.billing if may_have_it else None
    return Account(
        provider=options.name,
        source=asks(options, clock) if asks else None,
        is_free=not kind.is_remote,
    )


def accounts_of(chosen: tuple[ProviderOptions, ...], clock: Clock) -> tuple[Account, ...]:
    """One for each provider, in order."""
    return tuple(account_of(one, clock) for one in chosen)


def model_list_of(options: ProviderOptions) -> ModelList | None:
    """The list of models at a provider; None where its kind or its service has none."""
    kind, known = KINDS[options.kind], options.known
    lists = kind.model_list if known is None or known.lists_models else None
    return lists(options) if lists else None


def listed_providers(chosen: tuple[ProviderOptions, ...]) -> tuple[ListedProvider, ...]:
    """The providers that tell their models, each with those that are configured."""
    return tuple(
        ListedProvider(name=one.name, source=source, models=configured_models(one))
        for one in chosen
        if (source := model_list_of(one)) is not None
    )


def configured_models(options: ProviderOptions) -> tuple[ConfiguredModel, ...]:
    """The models that a provider is asked for."""
    named = ((ModelPurpose.CHAT, options.model), (ModelPurpose.IMAGES, options.image_model))
    return tuple(
        ConfiguredModel(provider=options.name, purpose=purpose, name=name)
        for purpose, name in named
        if name
    )


def asked_urls(options: ProviderOptions) -> AskedUrls:
    """The addresses that are asked at a provider, without secrets; empty for one that is built in."""
    urls = KINDS[options.kind].urls
    key = options.api_key.reveal() if options.api_key else ""
    return urls(options).without_secrets(api_key=key) if urls else AskedUrls()


def openai_models(options: ProviderOptions, _tokens: TokenCounter) -> ProviderModels:
    """OpenAI, or a server that speaks its protocol: one connection to both models."""
    connection = Connection(_openai_endpoint(options), _connection_options(options))
    return ProviderModels(
        chat=_chat(connection, options),
        images=_images(connection, options),
        aclose=connection.aclose,
    )


def azure_models(options: ProviderOptions, _tokens: TokenCounter) -> ProviderModels:
    """Two deployments at Azure OpenAI; `image_model` is the name of the one that draws."""
    chat = Connection(
        _azure_endpoint(options, options.deployment_name), _connection_options(options)
    )
    images = Connection(_azure_endpoint(options, options.image_model), _connection_options(options))

    async def aclose() -> None:
        await chat.aclose()
        await images.aclose()

    return ProviderModels(chat=_chat(chat, options), images=_images(images, options), aclose=aclose)


def demo_models(_options: ProviderOptions, tokens: TokenCounter) -> ProviderModels:
    """The built-in models that need no network."""

    async def nothing_to_close() -> None:
        """They hold nothing open."""

    return ProviderModels(
        chat=DemoChatModel(tokens.count), images=DemoImageModel(), aclose=nothing_to_close
    )


def openai_billing(options: ProviderOptions, clock: Clock) -> OpenAIBilling:
    """Gateways serve the balance where OpenAI once did."""
    return OpenAIBilling(
        _openai_endpoint(options), _connection_options(options), provider=options.name, clock=clock
    )


def openai_model_list(options: ProviderOptions) -> OpenAIModelList:
    return OpenAIModelList(_openai_endpoint(options), _connection_options(options))


def _openai_endpoint(options: ProviderOptions) -> OpenAIEndpoint:
    key = options.api_key.reveal() if options.api_key else NO_KEY
    return OpenAIEndpoint(
        api_key=key, base_url=options.base_url, is_literal=options.base_url_literal
    )


def _azure_endpoint(options: ProviderOptions, deployment: str) -> AzureEndpoint:
    return AzureEndpoint(
        api_key=options.api_key.reveal() if options.api_key else "",
        url=options.endpoint,
        deployment=deployment,
        api_version=options.api_version,
    )


def _connection_options(options: ProviderOptions) -> ConnectionOptions:
    proxy = options.proxy.reveal() if options.proxy else ""
    return ConnectionOptions(
        proxy=proxy,
        direct_hosts=DirectHosts.of(options.direct_hosts),
        connections=options.concurrency,
    )


def _chat(connection: Connection, options: ProviderOptions) -> OpenAIChatModel:
    return OpenAIChatModel(
        connection,
        ChatOptions(
            model=options.asked_for,
            streams=options.stream,
            temperature=options.temperature,
            extra_body=options.extra_body,
            extra_headers=_headers(options),
            reasoning_as_answer=options.reasoning_as_answer,
            thinks_untagged=options.thinks_untagged,
            context_length=options.context_length,
            support=_support(options),
            timeouts=StreamTimeouts(
                first_token=options.first_token_timeout,
                idle=options.idle_timeout,
                whole=options.request_timeout,
            ),
        ),
    )


def _headers(options: ProviderOptions) -> Mapping[str, str]:
    return {name: one.reveal() for name, one in options.extra_headers.items()}


def _support(options: ProviderOptions) -> ParameterSupport:
    """What is known of the server before it is asked for the first time."""
    known = options.known
    if known is None:
        return ParameterSupport()
    return ParameterSupport(
        length_name=known.length_parameter,
        left_out=known.unsupported,
        extra={} if options.stream else known.unstreamed_body,
    )


def _images(connection: Connection, options: ProviderOptions) -> OpenAIImageModel | None:
    if not options.image_model:
        return None
    return OpenAIImageModel(
        connection,
        model=options.image_model,
        verified=verified,
        extra_headers=_headers(options),
    )


KINDS: Mapping[str, ProviderKind] = {
    "openai": ProviderKind(
        build=openai_models,
        needs=("api_key",),
        needs_model=True,
        default_address="https://api.openai.com/v1",
        billing=openai_billing,
        model_list=openai_model_list,
        urls=lambda options: openai_urls(_openai_endpoint(options)),
    ),
    "azure": ProviderKind(
        build=azure_models,
        needs=("api_key", "deployment_name", "api_version"),
        needs_one_of=("resource_name", "endpoint"),
        urls=lambda options: azure_urls(
            _azure_endpoint(options, options.deployment_name),
            _azure_endpoint(options, options.image_model),
        ),
    ),
    "demo": ProviderKind(build=demo_models, is_remote=False, draws_by_itself=True),
}
