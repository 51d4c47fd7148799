"""Who is asked for a balance, at each kind of provider."""

import pytest

from adapters.openai.billing import OpenAIBilling
from application.report_balance import Account
from entrypoints.accounts import accounts_of
from entrypoints.settings import load
from tests.fakes.clock import ManualClock

PROVIDERS = """
- {name: main, kind: openai, api_key: sk-a1b2c3d4, proxy: "http://127.0.0.1:1"}
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
    settings = load(environment={"APIKEY": "sk-a1b2c3d4"}).settings

    (account,) = accounts_of(settings.effective_providers, ManualClock())

    assert (account.provider, account.is_free) == ("openai", False)
