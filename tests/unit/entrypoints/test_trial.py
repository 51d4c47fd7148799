"""Trial mode: this machine only, a secret of its own, a real model where one is named."""

import stat
from pathlib import Path

import pytest

from entrypoints.settings import ConfigurationError
from entrypoints.trial import (
    free_port_beside,
    load_as_served,
    load_trial,
    notice_of,
    reply_origin,
    simulator_origin,
    trial_secret,
)


def test_nothing_has_to_be_configured(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path)}).settings

    assert settings.host == "127.0.0.1"
    assert [provider.kind for provider in settings.effective_providers] == ["demo"]
    assert settings.webhook_hosts == ("http://127.0.0.1:8091", "http://127.0.0.1:8092")
    assert settings.dingtalk_api_url == settings.dingtalk_oapi_url == "http://127.0.0.1:8091"
    assert settings.service_url == "http://127.0.0.1:8090"
    assert [one.client_id for one in settings.credentials] == ["dingtrial0001"]


def test_a_trial_keeps_everything_in_a_folder_of_its_own(tmp_path: Path) -> None:
    variables = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://real:secret@db/real"}

    trial = load_trial(variables).settings

    assert trial.data_dir == tmp_path / "trial"
    assert trial.database_url is None
    assert [one.name for one in tmp_path.iterdir()] == ["trial"]


@pytest.mark.parametrize(
    ("model", "leaves", "stays"),
    [
        ({}, (), ("不联网", "nothing goes online")),
        ({"APIKEY": "k", "MODEL": "gpt-x"}, ("gpt-x",), ()),
    ],
)
def test_what_leaves_this_machine_is_said_truly(
    tmp_path: Path, model: dict[str, str], leaves: tuple[str, ...], stays: tuple[str, ...]
) -> None:
    notice = notice_of(load_trial({"DATA_DIR": str(tmp_path), **model}).settings)

    said = f"{notice.zh} {notice.en}"
    assert all(one in said for one in (*leaves, *stays))
    assert ("不联网" in said) == bool(stays)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_reads_another_language_is_told_how_the_robot_changes_its_own(
    tmp_path: Path, language: str
) -> None:
    notice = notice_of(load_trial({"DATA_DIR": str(tmp_path), "LANGUAGE": language}).settings)

    assert ("LANGUAGE=en" in notice.en) == (language == "zh")
    assert ("LANGUAGE=zh" in notice.zh) == (language == "en")


@pytest.mark.parametrize("port", [8090, 65000, 65500, 65535])
def test_another_port_is_proposed_with_room_beside_it(port: int) -> None:
    other = free_port_beside(port)

    assert other != port
    assert other + 2 <= 65535


def test_a_key_in_the_environment_means_a_real_model(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path), "APIKEY": "sk-1", "MODEL": "gpt-x"}).settings

    assert [(one.kind, one.model) for one in settings.effective_providers] == [("openai", "gpt-x")]


def test_a_preset_without_a_key_means_a_real_model_too(tmp_path: Path) -> None:
    variables = {"DATA_DIR": str(tmp_path), "PRESET": "ollama", "MODEL": "qwen3"}

    settings = load_trial(variables).settings

    assert [one.model for one in settings.effective_providers] == ["qwen3"]
    assert [one.kind for one in settings.effective_providers] != ["demo"]
    assert "qwen3" in notice_of(settings).en


def test_it_listens_to_this_machine_whatever_the_environment_says(tmp_path: Path) -> None:
    settings = load_trial({"DATA_DIR": str(tmp_path), "HOST": "::", "PORT": "9000"}).settings

    assert (settings.host, settings.port) == ("127.0.0.1", 9000)
    assert settings.webhook_hosts == (simulator_origin(9000), reply_origin(9000))


@pytest.mark.parametrize("port", [65533, 65534, 65535])
def test_near_the_last_port_the_neighbours_are_still_ports_and_apart(port: int) -> None:
    simulator, replies = simulator_origin(port), reply_origin(port)

    numbers = {port, *(int(one.rpartition(":")[2]) for one in (simulator, replies))}
    assert len(numbers) == 3
    assert max(numbers) <= 65535


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "new"

    first, second = trial_secret(folder), trial_secret(folder)

    assert first == second
    assert stat.S_IMODE((folder / "trial-secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "model", [{}, {"APIKEY": "sk-1", "MODEL": "m"}], ids=["demo", "a real model"]
)
def test_where_a_trial_keeps_its_secret_the_trial_is_what_is_served(
    tmp_path: Path, model: dict[str, str]
) -> None:
    variables = {"DATA_DIR": str(tmp_path), **model}
    trial = load_trial(variables)

    assert load_as_served(None, variables).settings == trial.settings


@pytest.mark.parametrize(
    "robot",
    [
        {"APP_SECRETS": "secret-1"},
        {"DINGTALK_CREDENTIALS": "ding1:secret-1"},
        {"OUTGOING_TOKENS": "token-1"},
    ],
    ids=lambda robot: next(iter(robot)),
)
def test_a_robot_in_the_environment_is_no_trial_whatever_is_left_of_one(
    tmp_path: Path, robot: dict[str, str]
) -> None:
    variables = {"DATA_DIR": str(tmp_path), "APIKEY": "sk-1", "MODEL": "m", **robot}
    load_trial(variables)

    served = load_as_served(None, variables).settings

    assert served.names_a_robot
    assert served.host == "0.0.0.0"  # noqa: S104 - only read
    assert served.webhook_hosts == ("https://oapi.dingtalk.com",)


def test_a_model_in_the_environment_is_no_trial_where_none_was(tmp_path: Path) -> None:
    served = load_as_served(
        None, {"DATA_DIR": str(tmp_path), "APIKEY": "sk-1", "MODEL": "m"}
    ).settings

    assert not served.names_a_robot
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_was_ever_served_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="chatgpt-dingtalk serve --trial"):
        load_as_served(None, {"DATA_DIR": str(tmp_path)})

    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_trial(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    file.write_text("port: 9000\n", encoding="utf-8")
    load_trial({"DATA_DIR": str(tmp_path)})
    variables = {"DATA_DIR": str(tmp_path), "APIKEY": "sk-1", "MODEL": "m"}

    assert load_as_served(file, variables).file == file
    assert load_as_served(None, variables | {"CONFIG_FILE": str(file)}).file == file
