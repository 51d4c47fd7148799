"""Addresses of APIs as people have them: with the route that a service's documents show, or literal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.settings import ConfigurationError
from entrypoints.settings.addresses import ROUTES, api_address
from entrypoints.settings.notes import warnings_on
from entrypoints.settings.reading.mistakes import Place
from entrypoints.settings.reading.yaml_text import ScalarNode
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

LITERAL = "providers: [{name: a, kind: openai, api_key: k1, model: m, base_url_literal: true,"
HERE = Place(source="here")
BASES = ["https://h.example", "http://127.0.0.1:8000/v1", "https://h.example/api/paas/v4"]


@pytest.mark.parametrize(
    ("typed", "used", "cut"),
    [
        ("https://api.deepseek.com", "https://api.deepseek.com/v1", ""),
        (
            "https://api.deepseek.com/chat/completions",
            "https://api.deepseek.com/v1",
            "/chat/completions",
        ),
        ("https://h/v1/chat/completions/", "https://h/v1", "/chat/completions"),
        ("https://h/v1/chat/completions?key=x", "https://h/v1", "/chat/completions"),
        ("https://h/v1/completions", "https://h/v1", "/completions"),
        ("https://h/V1/Chat/Completions", "https://h/V1/v1", "/Chat/Completions"),
        ("https://h/v1/images/generations", "https://h/v1", "/images/generations"),
        ("https://h/v1/models", "https://h/v1", "/models"),
        ("https://h/v1/embeddings", "https://h/v1", "/embeddings"),
        ("https://h/v1/responses", "https://h/v1", "/responses"),
        ("https://h/api/paas/v4/chat/completions", "https://h/api/paas/v4", "/chat/completions"),
        ("https://h/v1/models/chat/completions", "https://h/v1", "/models/chat/completions"),
        ("https://h/chat", "https://h/chat/v1", ""),
    ],
)
def test_a_known_route_is_cut_off_and_said_so(typed: str, used: str, cut: str) -> None:
    found = loaded(f"base_url: {typed}")

    (provider,) = found.settings.effective_providers
    assert provider.base_url == used
    told = [str(one) for one in warnings_on(found) if "cut off" in str(one)]
    assert bool(told) is bool(cut)
    if cut:
        assert f"{cut} was cut off" in told[0]
        assert f"write {used}." in told[0]


@given(
    base=st.sampled_from(BASES),
    routes=st.lists(st.sampled_from(ROUTES), max_size=3),
    slashes=st.sampled_from(["", "/", "//"]),
)
def test_whatever_route_stands_behind_the_base_is_the_same_address(
    base: str, routes: list[str], slashes: str
) -> None:
    def read(text: str) -> str:
        return api_address.parse(ScalarNode(text=text, place=HERE), "base_url").url

    assert read(base + slashes.join(routes) + slashes) == read(base)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("base_url: https://h/x/chat/completions#", "https://h/x/chat/completions"),
        ("base_url: 'https://h/ask?version=2#'", "https://h/ask?version=2"),
        (
            LITERAL + " base_url: https://h/x/chat/completions}]",
            "https://h/x/chat/completions",
        ),
        (
            LITERAL + " base_url: 'https://h/ask?v=2'}]",
            "https://h/ask?v=2",
        ),
    ],
)
def test_a_literal_address_is_used_as_it_is(text: str, used: str) -> None:
    found = loaded(text)

    (provider,) = found.settings.effective_providers
    assert (provider.base_url, provider.base_url_literal) == (used, True)
    assert not any("cut off" in str(one) for one in warnings_on(found))


@pytest.mark.parametrize(
    "typed", ["https://h/v1?a=b", "https://u:p@h/v1", "https://h/v1#x", "https://u@h/x#"]
)
def test_what_is_more_than_an_address_is_refused_where_it_is_not_literal(typed: str) -> None:
    (flat,) = mistakes_in(f"base_url: '{typed}'")
    listed = mistakes_in(
        f"providers: [{{preset: one-api, api_key: k1, model: m, base_url: '{typed}'}}]"
    )

    assert "base_url: " in flat
    assert "a user, a query or a #" in flat
    assert "providers[0].base_url: " in listed[0]


@pytest.mark.parametrize(
    "typed",
    [
        "https://r.openai.azure.com",
        "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=v",
        "https://r.openai.azure.com/openai/v1/",
    ],
)
def test_the_endpoint_of_azure_is_the_resource(typed: str) -> None:
    azure = "kind: azure, api_key: k1, deployment_name: d, api_version: v"
    found = loaded(f"providers: [{{name: a, {azure}, endpoint: '{typed}'}}]", APIKEY="")

    (provider,) = found.settings.effective_providers
    assert provider.endpoint == "https://r.openai.azure.com"
    assert any("a.endpoint" in str(one) for one in warnings_on(found)) is ("openai/" in typed)


def test_a_provider_is_sent_what_its_keys_say() -> None:
    (provider,) = loaded(
        "providers:\n"
        "  - preset: ollama\n"
        "    model: m\n"
        "    context_length: 4096\n"
        "    reasoning_as_answer: yes\n"
        "    thinks_untagged: yes\n"
        "    extra_body: {enable_thinking: false, top_k: 5, note: '5', x: {y: [1.5, null]}}\n"
        "    extra_headers: {X-Api-Version: '2', Authorization: Basic canary}\n"
    ).settings.effective_providers

    assert provider.extra_body == {
        "enable_thinking": False,
        "top_k": 5,
        "note": "5",
        "x": {"y": [1.5, None]},
    }
    headers = {name: one.reveal() for name, one in provider.extra_headers.items()}
    assert headers == {"X-Api-Version": "2", "Authorization": "Basic canary"}
    assert (provider.context_length, provider.reasoning_as_answer) == (4096, True)
    assert provider.thinks_untagged
    assert "canary" not in repr(provider)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("extra_body: [1]", "providers[0].extra_body"),
        ("extra_body: {messages: []}", "providers[0].extra_body.messages"),
        ("extra_body: {stream: false, model: x}", "providers[0].extra_body.stream"),
        ("extra_headers: x", "providers[0].extra_headers"),
        ("extra_headers: {'X Y': z}", "providers[0].extra_headers"),
        ("extra_headers: {Host: h}", "providers[0].extra_headers.Host"),
        ("extra_headers: {X-Key: 密钥}", "providers[0].extra_headers.X_Key"),
        ('extra_headers: {X-Key: "a\\nb"}', "providers[0].extra_headers.X_Key"),
        ("extra_headers: {X-Key: [a]}", "providers[0].extra_headers.X_Key"),
        ("context_length: 10", "providers[0].context_length"),
    ],
)
def test_what_cannot_be_sent_is_refused(line: str, path: str) -> None:
    text = f"providers:\n  - preset: ollama\n    model: m\n    {line}\n"

    with pytest.raises(ConfigurationError) as refused:
        loaded(text)

    assert path in [mistake.path for mistake in refused.value.mistakes]
    assert "密钥" not in str(refused.value)
