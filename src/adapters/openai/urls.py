"""The addresses that are asked at a provider, as a person may read them."""

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from adapters.openai.connection import AzureEndpoint, Endpoint, OpenAIEndpoint

CHAT = "/chat/completions"
HIDDEN = "•••"
NOT_SECRET = frozenset({"api-version"})
"""Parameters of an address that are shown; gateways take keys in others."""
LIKE_A_KEY = re.compile(r"(sk|key|token)-.+", re.IGNORECASE)


def chat_url(endpoint: Endpoint) -> str:
    """Where questions go."""
    match endpoint:
        case AzureEndpoint():
            path = f"/openai/deployments/{endpoint.deployment}{CHAT}"
            return f"{endpoint.url.rstrip('/')}{path}?api-version={endpoint.api_version}"
        case OpenAIEndpoint(is_literal=True):
            return endpoint.base_url
        case _:
            return _below(endpoint.base_url, CHAT)


def models_url(endpoint: OpenAIEndpoint) -> str:
    """Where the list of models is; beside the chat where the address of that was given."""
    base = endpoint.base_url
    if endpoint.is_literal:
        parts = urlsplit(base)
        base = urlunsplit(parts._replace(path=parts.path.rstrip("/").removesuffix(CHAT)))
    return _below(base, "/models")


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
