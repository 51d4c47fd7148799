"""Trying it out: nothing configured, and the command that speaks in DingTalk's place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.running import RunningService, free_port, run
from tests.service.talk import SECRET


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    port = free_port()
    with RunningService(
        folder=tmp_path_factory.mktemp("trial"),
        arguments=("--trial",),
        variables={"PORT": str(port)},
        port=port,
    ) as running:
        yield running


def test_in_an_empty_folder_it_serves_and_says_what_is_real(trial: RunningService) -> None:
    assert f"http://127.0.0.1:{trial.port}" in trial.said
    assert "试用模式 trial mode" in trial.said
    assert "demo" in trial.said
    secret = trial.folder / "data" / "trial-secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text(encoding="ascii") not in trial.said


def test_what_is_sent_is_answered_on_the_screen(trial: RunningService) -> None:
    answered = run("send", "你好", folder=trial.folder, PORT=str(trial.port))
    helped = run("send", "帮助", "--group", "试用群", folder=trial.folder, PORT=str(trial.port))

    assert (answered.status, answered.err) == (0, "")
    assert answered.out.strip()
    assert helped.status == 0
    assert "`串聊`" in helped.out
    assert "@trial-user" in helped.out


def test_the_trials_administrator_is_one(trial: RunningService) -> None:
    told = run(
        *("send", "群ID", "--group", "试用群", "--as", "admin"),
        folder=trial.folder,
        PORT=str(trial.port),
    )

    assert "cid-试用群" in told.out


def test_trial_mode_is_refused_where_there_is_a_configuration(folder: Path) -> None:
    (folder / "config.yml").write_text("api_key: sk-something\n", encoding="utf-8")

    refused = run("serve", "--trial", folder=folder)

    assert refused.status == 2
    assert "without --trial" in refused.err


def test_where_nothing_runs_it_says_so(folder: Path) -> None:
    port = free_port()
    configured = {
        "APIKEY": "sk-something",
        "APP_SECRETS": SECRET,
        "PORT": str(port),
        "WEBHOOK_HOSTS": f"http://127.0.0.1:{port + 1}",
    }

    failed = run("send", "你好", folder=folder, **configured)

    assert failed.status == 1
    assert failed.err.startswith(f"Nothing answers at http://127.0.0.1:{port}/")


def test_where_nothing_was_ever_tried_the_other_commands_begin_no_trial(folder: Path) -> None:
    sending, migrating = run("send", "你好", folder=folder), run("migrate", folder=folder)

    assert (sending.status, migrating.status) == (2, 2)
    assert "`make run`" in sending.err
    assert list(folder.iterdir()) == []


def test_a_configuration_that_does_not_let_it_hear_is_told_what_to_add(folder: Path) -> None:
    (folder / "config.yml").write_text(
        f"api_key: sk-something\napp_secrets: [{SECRET}]\nport: 9000\n", encoding="utf-8"
    )

    refused = run("send", "你好", folder=folder)

    assert refused.status == 2
    assert 'webhook_hosts: ["https://oapi.dingtalk.com", "http://127.0.0.1:9001"]' in refused.err
    assert SECRET not in refused.err
