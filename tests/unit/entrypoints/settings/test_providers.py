"""Which providers are asked, with which values."""

import pytest

from entrypoints.settings import ProviderSettings, Secret
from tests.unit.entrypoints.settings.configurations import KEY, loaded

TWO = """
model: gpt-4o
http_proxy: http://proxy:1
temperature: 0.5
providers:
  - {name: main, kind: openai, api_key: k1, base_url: https://h, model: own, temperature: 0}
  - name: backup
    kind: azure
    api_key: k2
    resource_name: res
    deployment_name: dep
    api_version: 2024-10-21
    proxy: ""
    stream: no
    concurrency: 2
  - {name: private, kind: azure, api_key: k3, endpoint: https://a.example/, deployment_name: d,
     api_version: v, proxy: socks5h://other:2}
"""


def test_the_flat_keys_describe_one_openai_provider() -> None:
    settings = loaded("model: m\nimage_model: i\nbase_url: http://h").settings

    assert settings.effective_providers == (
        ProviderSettings(
            name="openai",
            kind="openai",
            api_key=Secret(KEY),
            base_url="http://h/v1",
            model="m",
            image_model="i",
        ),
    )


def test_azure_on_makes_the_flat_keys_describe_an_azure_provider() -> None:
    (provider,) = loaded(
        "azure_on: true\nazure_api_version: v\nazure_resource_name: res\n"
        "azure_deployment_name: dep\nazure_openai_token: t0ken\n"
    ).settings.effective_providers

    assert (provider.kind, provider.endpoint) == ("azure", "https://res.openai.azure.com")
    assert provider.api_key == Secret("t0ken")
    assert (provider.deployment_name, provider.api_version) == ("dep", "v")


def test_listed_providers_keep_their_order_and_take_what_they_lack_from_the_flat_keys() -> None:
    main, backup, private = loaded(TWO).settings.effective_providers

    assert (main.name, main.model, main.temperature) == ("main", "own", 0)
    assert main.proxy == Secret("http://proxy:1")
    assert (backup.name, backup.model, backup.temperature) == ("backup", "gpt-4o", 0.5)
    assert (backup.stream, backup.concurrency) == (False, 2)
    assert private.endpoint == "https://a.example"
    assert private.proxy == Secret("socks5h://other:2")


def test_an_empty_proxy_means_a_direct_connection() -> None:
    _, backup, _ = loaded(TWO).settings.effective_providers

    assert backup.proxy is None


@pytest.mark.parametrize(
    "typed",
    ["[{name: a, kind: demo}]", '[{"name": "a", "kind": "demo"}]', "- name: a\n  kind: demo"],
)
def test_providers_in_the_environment_are_yaml_or_json(typed: str) -> None:
    (provider,) = loaded("", APIKEY="", PROVIDERS=typed).settings.effective_providers

    assert (provider.name, provider.kind) == ("a", "demo")


def test_credentials_in_the_environment_are_pairs() -> None:
    credentials = loaded("", DINGTALK_CREDENTIALS="d1:s1, d2 : s:2 ,").settings.credentials

    assert [(one.client_id, one.secret.reveal()) for one in credentials] == [
        ("d1", "s1"),
        ("d2", "s:2"),
    ]
