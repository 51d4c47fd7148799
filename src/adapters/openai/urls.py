"""The addresses that are asked at a provider, as a person may read them."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from adapters.openai.connection import AzureEndpoint, OpenAIEndpoint

CHAT, IMAGES, MODELS = "/chat/completions", "/images/generations", "/models"
HIDDEN = "•••"
NOT_SECRET = frozenset({"api-version"})
"""Parameters of an address that are shown; gateways take keys in others."""
LIKE_A_KEY = re.compile(r"(sk|key|token)-.+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedUrls:
    """Where questions, image requests and the list of models go; empty where there is no such thing."""

    chat: str = ""
    images: str = ""
    models: str = ""

    def without_secrets(self, *, api_key: str = "") -> "AskedUrls":
        """The same, to be shown."""
        return AskedUrls(
            chat=without_secrets(self.chat, api_key=api_key),
            images=without_secrets(self.images, api_key=api_key),
            models=without_secrets(self.models, api_key=api_key),
        )


def azure_urls(chat: AzureEndpoint, images: AzureEndpoint) -> AskedUrls:
    """Of two deployments of one resource, which lists no models."""
    return AskedUrls(chat=_of_deployment(chat, CHAT), images=_of_deployment(images, IMAGES))


def openai_urls(endpoint: OpenAIEndpoint) -> AskedUrls:
    """All below the base; where that is literal, the others are beside the chat."""
    base = endpoint.base_url
    if endpoint.is_literal:
        parts = urlsplit(base)
        base = urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix(CHAT)))
    return AskedUrls(
        chat=endpoint.base_url if endpoint.is_literal else _below(base, CHAT),
        images=_below(base, IMAGES),
        models=_below(base, MODELS),
    )


def _of_deployment(endpoint: AzureEndpoint, path: str) -> str:
    if not endpoint.deployment:
        return ""
    deployment = f"{endpoint.url.rstrip('/')}/openai/deployments/{endpoint.deployment}"
    return f"{deployment}{path}?api-version={endpoint.api_version}"


def _below(base: str, path: str) -> str:
    parts = urlsplit(base)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))


def without_secrets(url: str, *, api_key: str = "") -> str:
    """The address without a login, and with whatever may be a key hidden."""
    parts = urlsplit(url)
    query = "&".join(
        f"{name}={value if name in NOT_SECRET else HIDDEN}"
        for name, value in parse_qsl(parts.query)
    )
    segments = [
        HIDDEN if LIKE_A_KEY.fullmatch(one) or (api_key and api_key in one) else one
        for one in parts.path.split("/")
    ]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, "/".join(segments), query, ""))
