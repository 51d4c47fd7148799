"""The kinds of providers and the presets: what each needs, and who is asked for a balance."""

import pytest

from adapters.openai.billing import OpenAIBilling
from application.report_balance import Account
from entrypoints.presets import PRESETS, Preset
from entrypoints.providers import KINDS, ProviderKind, ProviderOptions, accounts_of
from entrypoints.settings import ProviderSettings, load
from entrypoints.settings.addresses import api_address
from entrypoints.settings.reading.mistakes import Place
from entrypoints.settings.reading.structures import keys_of
from entrypoints.settings.reading.yaml_text import ScalarNode
from tests.fakes.clock import ManualClock

HERE = Place(source="here")
PROVIDERS = """
- {name: main, kind: openai, api_key: sk-a1b2c3d4, model: m, proxy: "http://127.0.0.1:1"}
- {name: backup, kind: azure, api_key: a1b2c3d4, resource_name: r, deployment_name: d, api_version: v}
- {name: trial, kind: demo}
"""


@pytest.fixture
def accounts() -> tuple[Account, ...]:
    settings = load(environment={"PROVIDERS": PROVIDERS}).settings
    return accounts_of(settings.effective_providers, ManualClock())


def test_every_provider_has_an_account_in_their_order(accounts: tuple[Account, ...]) -> None:
    assert [account.provider for account in accounts] == ["main", "backup", "trial"]


def test_those_with_billing_routes_are_asked_and_the_demo_is_free(
    accounts: tuple[Account, ...],
) -> None:
    assert [isinstance(one.source, OpenAIBilling) for one in accounts] == [True, False, False]
    assert [one.is_free for one in accounts] == [False, False, True]


def test_the_flat_keys_are_one_account() -> None:
    settings = load(environment={"APIKEY": "sk-a1b2c3d4", "MODEL": "m"}).settings

    (account,) = accounts_of(settings.effective_providers, ManualClock())

    assert (account.provider, account.is_free) == ("openai", False)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_only_a_gateway_is_asked_for_the_balance_of_a_known_service(preset: Preset) -> None:
    provider = ProviderOptions(name="main", kind=preset.kind, preset=preset.name)

    (account,) = accounts_of((provider,), ManualClock())

    assert (account.source is not None) == (preset.name == "one-api")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_is_whole(preset: Preset) -> None:
    assert preset.kind in KINDS
    assert preset.service
    assert preset.service_zh
    assert preset.example_model
    assert preset.key_page.startswith("https://") or not preset.needs_key or not preset.address
    assert preset.first_token_timeout >= preset.idle_timeout
    if preset.is_local:
        assert (preset.needs_key, preset.address.startswith("http://127.0.0.1")) == (False, True)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_address_of_a_preset_is_a_whole_one(preset: Preset) -> None:
    address = preset.address

    assert not address or api_address.parse(ScalarNode(text=address, place=HERE), "").url == address


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_a_kind_needs_is_a_key_of_a_provider(kind: ProviderKind) -> None:
    assert {*kind.needs, *kind.needs_one_of} <= set(keys_of(ProviderSettings))
