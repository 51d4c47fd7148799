"""Trial mode: this machine only, a secret of its own, a real model where one is named."""

import stat
from pathlib import Path

from entrypoints.trial import load_trial, reply_origin, trial_secret


def test_nothing_has_to_be_configured(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path)}).settings

    assert settings.host == "127.0.0.1"
    assert [provider.kind for provider in settings.effective_providers] == ["demo"]
    assert settings.webhook_hosts == ("http://127.0.0.1:8091",)


def test_a_key_in_the_environment_means_a_real_model(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path), "APIKEY": "sk-1", "MODEL": "gpt-x"}).settings

    assert [(one.kind, one.model) for one in settings.effective_providers] == [("openai", "gpt-x")]


def test_it_listens_to_this_machine_whatever_the_environment_says(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path), "HOST": "::", "PORT": "9000"}).settings

    assert (settings.host, settings.port) == ("127.0.0.1", 9000)
    assert settings.webhook_hosts == (reply_origin(9000),)


def test_the_last_port_has_its_neighbour_below(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path), "PORT": "65535"}).settings

    assert settings.webhook_hosts == ("http://127.0.0.1:65534",)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new"

    first, second = trial_secret(folder), trial_secret(folder)

    assert first == second
    assert stat.S_IMODE((folder / "trial-secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
