"""Which provider is reached through the configured proxy, and how that is said."""

import pytest

from entrypoints.settings.display import way_to
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

PROXY = "http_proxy: http://u:canary@proxy:1\n"


def way(text: str, **environment: str) -> str:
    (provider,) = loaded(text, **environment).settings.effective_providers
    return way_to(provider).told("en")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("base_url: https://h.example", "through http://••••@proxy:1"),
        ("base_url: http://127.0.0.1:8000", "direct, by no_proxy"),
        ("base_url: http://localhost:8000", "direct, by no_proxy"),
        ("base_url: http://[::1]:8000", "direct, by no_proxy"),
        ("base_url: http://10.1.2.3", "through http://••••@proxy:1"),
        ("preset: ollama", "direct, by no_proxy"),
        ("preset: vllm\nbase_url: http://10.1.2.3:8000", "direct, by no_proxy"),
        ("preset: vllm\nbase_url: https://vllm.example", "through http://••••@proxy:1"),
        ("base_url: https://h.example\nno_proxy: [.example]", "direct, by no_proxy"),
        ("base_url: https://h.example\nno_proxy: [h.example:80]", "through http://••••@proxy:1"),
        ("base_url: http://10.1.2.3\nno_proxy: [10.0.0.0/8]", "direct, by no_proxy"),
        ("no_proxy: ['*']", "direct, by no_proxy"),
        (
            "no_proxy: ['*']\nproviders: [{preset: openai, api_key: k1, model: m, proxy: http://o:2}]",
            "through http://o:2",
        ),
        (
            "providers: [{preset: ollama, model: m, proxy: http://o:2}]",
            "through http://o:2",
        ),
        ("providers: [{preset: openai, api_key: k1, model: m, proxy: ''}]", "direct"),
        ("providers: [{name: d, kind: demo}]", "built in, no network"),
    ],
)
def test_the_way_to_a_provider_is_said(text: str, told: str) -> None:
    assert way(PROXY + text) == told


def test_without_a_proxy_the_way_is_direct() -> None:
    assert way("no_proxy: ['*']") == "direct"


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_the_variable_counts_in_capitals_and_in_small_letters(name: str) -> None:
    found = loaded(PROXY, **{name: "localhost, .openai.com <local>,, 10.0.0.0/8"})

    assert found.settings.no_proxy == ("localhost", ".openai.com", "10.0.0.0/8")
    assert found.origins["no_proxy"] == f"environment {name}"
    assert way(PROXY, **{name: ".openai.com"}) == "direct, by no_proxy"


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_no_other_variable_names_a_proxy(name: str) -> None:
    assert way("", **{name: "http://other:1"}) == "direct"


def test_an_entry_of_the_file_that_is_none_is_refused() -> None:
    (mistake,) = mistakes_in("no_proxy: [http://h]")

    assert 'no_proxy[0]: "http://h" is no host' in mistake
