"""Which providers are asked, with which values."""

import pytest

from entrypoints.presets import PRESETS, Preset
from entrypoints.providers import ProviderOptions
from entrypoints.settings import ConfigurationError, Secret
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
        ProviderOptions(
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


def _needed(preset: Preset) -> str:
    """The keys that a person with this preset has to fill in, as lines of a provider."""
    lines = [f"preset: {preset.name}", f"model: {preset.example_model}"]
    lines += ["api_key: sk-a1b2c3d4"] if preset.needs_key else []
    if preset.kind == "azure":
        deployment = f"resource_name: r, deployment_name: {preset.example_model}"
        return f"preset: azure, api_key: k1, api_version: v, {deployment}"
    lines += [] if preset.address else ["base_url: https://gateway.example"]
    return ", ".join(lines)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_needs_no_more_than_a_key_and_a_model(preset: Preset) -> None:
    text = f"providers: [{{{_needed(preset)}}}]"

    (provider,) = loaded(text, APIKEY="").settings.effective_providers

    assert (provider.name, provider.kind, provider.known) == (preset.name, preset.kind, preset)
    assert provider.asked_for == preset.example_model
    assert provider.base_url == (preset.address or provider.base_url)
    assert provider.first_token_timeout == preset.first_token_timeout


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_stands_in_the_flat_keys_as_well(preset: Preset) -> None:
    variables = {"PRESET": preset.name, "MODEL": preset.example_model}
    variables["APIKEY"] = "sk-a1b2c3d4" if preset.needs_key else ""
    if preset.kind == "azure":
        text = "azure_api_version: v\nazure_resource_name: r\nazure_deployment_name: d"
    else:
        text = "" if preset.address else "base_url: https://gateway.example"

    (provider,) = loaded(text, **variables).settings.effective_providers

    assert (provider.name, provider.kind, provider.preset) == (
        preset.name,
        preset.kind,
        preset.name,
    )


def test_one_key_that_is_given_comes_before_the_preset() -> None:
    text = (
        "providers: [{preset: ollama, model: m, base_url: http://box:1, first_token_timeout: 20s}]"
    )

    (provider,) = loaded(text, APIKEY="").settings.effective_providers

    assert provider.base_url == "http://box:1/v1"
    assert provider.first_token_timeout.total_seconds() == 20
    assert provider.idle_timeout == PRESETS["ollama"].idle_timeout


def test_of_several_providers_none_is_silent_for_longer_than_its_share_unless_it_is_told_so() -> (
    None
):
    slow = "{preset: ollama, name: NAME, model: m}"
    told = slow.replace("NAME", "c, first_token_timeout: 500s")
    text = f"providers: [{slow.replace('NAME', 'a')}, {slow.replace('NAME', 'b')}, {told}]"

    first, second, third = loaded(text, APIKEY="").settings.effective_providers

    assert first.first_token_timeout.total_seconds() == 200
    assert second.first_token_timeout.total_seconds() == 200
    assert third.first_token_timeout.total_seconds() == 500


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("providers: [{preset: deepseek, model: m}]", "providers[0].api_key"),
        ("providers: [{preset: one-api, model: m, api_key: k1}]", "providers[0].base_url"),
        ("providers: [{preset: deepseek, kind: azure, api_key: k1}]", "providers[0].kind"),
        ("providers: [{preset: azure, api_key: k1}]", "providers[0].deployment_name"),
        ("preset: one-api\napi_key: k1", "base_url"),
        ("preset: deepseek\nazure_on: true\nazure_openai_token: t0ken", "preset"),
        ("preset: deepseek", "api_key"),
        ("preset: deepsek\napi_key: k1", "preset"),
    ],
)
def test_what_a_preset_lacks_is_named(text: str, path: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        loaded(text, APIKEY="")

    assert path in [mistake.path for mistake in refused.value.mistakes]
