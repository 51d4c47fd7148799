"""Addresses as they are asked and as they are shown."""

from dataclasses import replace

import pytest

from adapters.openai.connection import AzureEndpoint, OpenAIEndpoint
from adapters.openai.urls import azure_urls, openai_urls, without_secrets


@pytest.mark.parametrize(
    ("base", "is_literal", "chat", "models"),
    [
        ("https://a/v1", False, "https://a/v1/chat/completions", "https://a/v1/models"),
        ("https://a/v1/", False, "https://a/v1/chat/completions", "https://a/v1/models"),
        ("https://a", False, "https://a/chat/completions", "https://a/models"),
        ("https://a/x/chat/completions", True, "https://a/x/chat/completions", "https://a/x/models"),
        ("https://a/ask", True, "https://a/ask", "https://a/ask/models"),
    ],
)  # fmt: skip
def test_addresses_are_below_the_base_or_literal(
    base: str, *, is_literal: bool, chat: str, models: str
) -> None:
    endpoint = OpenAIEndpoint(api_key="k", base_url=base, is_literal=is_literal)

    urls = openai_urls(endpoint)

    assert (urls.chat, urls.models) == (chat, models)
    assert urls.images == models.removesuffix("/models") + "/images/generations"


def test_azures_address_names_deployment_and_version() -> None:
    endpoint = AzureEndpoint(
        api_key="k", url="https://r.openai.azure.com/", deployment="ours", api_version="2024-10-21"
    )

    url = (
        "https://r.openai.azure.com/openai/deployments/ours/chat/completions?api-version=2024-10-21"
    )
    urls = azure_urls(endpoint, replace(endpoint, deployment=""))
    assert (urls.chat, urls.images, urls.models) == (url, "", "")
    assert without_secrets(url) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:canary@a:8443/v1", "https://a:8443/v1"),
        ("https://a/v1?key=canary&api-version=1", "https://a/v1?key=•••&api-version=1"),
        ("https://a/sk-canary/v1", "https://a/•••/v1"),
        ("https://a/x/the-canary-key/v1#canary", "https://a/x/•••/v1"),
        ("https://a/openai/v1/chat/completions", "https://a/openai/v1/chat/completions"),
    ],
)
def test_no_secret_is_shown(url: str, shown: str) -> None:
    assert without_secrets(url, api_key="the-canary-key") == shown
