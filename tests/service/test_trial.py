"""Trying it out: nothing configured, and the command that speaks in DingTalk's place."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from application.wording import CHINESE
from domain.command import Mode
from tests.service.running import PROGRAM, RunningService, eventually, free_port, run
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


def simulator(trial: RunningService) -> str:
    return f"http://127.0.0.1:{trial.port + 1}"


def control(trial: RunningService, path: str) -> Any:  # noqa: ANN401 - JSON
    return httpx.get(f"{simulator(trial)}/_simulator/{path}", trust_env=False).json()


def heard(trial: RunningService, text: str, person: str = "manager1001") -> list[Any]:
    """What the robot says after somebody said it in their private room."""
    body = {"person": person, "text": text}
    url = f"{simulator(trial)}/_simulator/messages"
    said = httpx.post(url, json=body, trust_env=False).json()
    since = f"rooms/{said['room']}/messages?after={said['sequence']}"

    def replies() -> list[Any]:
        return [one for one in control(trial, since)["messages"] if one["by"] == "robot"]

    eventually(replies)
    return replies()


def test_in_an_empty_folder_it_serves_and_says_what_is_real(trial: RunningService) -> None:
    assert f"http://127.0.0.1:{trial.port}" in trial.said
    assert "试用模式 trial mode" in trial.said
    assert "demo" in trial.said
    secret = trial.folder / "data" / "trial" / "trial-secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text(encoding="ascii") not in trial.said


def test_the_terminal_and_the_page_say_the_same_of_what_leaves(trial: RunningService) -> None:
    notice = control(trial, "state")["notice"]

    assert notice["zh"] in trial.said
    assert notice["en"] in trial.said


def test_the_command_that_it_proposes_goes_to_its_own_port(trial: RunningService) -> None:
    assert f"PORT={trial.port} " in trial.said
    assert f"PORT={trial.port} {PROGRAM} send 你好" in trial.said


def test_everything_of_a_trial_is_in_a_folder_of_its_own(trial: RunningService) -> None:
    heard(trial, "留在试用里")

    assert [one.name for one in (trial.folder / "data").iterdir()] == ["trial"]
    assert (trial.folder / "data" / "trial" / "chatgpt-dingtalk.sqlite").exists()


@pytest.mark.parametrize("text", ["#域名 example.com", "#证书 example.com", "#证书 127.0.0.1:1"])
def test_domains_and_certificates_are_demo_data(trial: RunningService, text: str) -> None:
    assert "演示数据" in heard(trial, text)[-1]["text"]


def test_it_says_where_the_page_is_and_the_page_is_there(trial: RunningService) -> None:
    page = f"http://127.0.0.1:{trial.port + 1}/"

    opened = httpx.get(page, trust_env=False)

    assert f"打开 open:  {page}" in trial.said
    assert (opened.status_code, opened.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "demo" in control(trial, "state")["notice"]["en"]


def test_what_is_said_in_the_simulator_is_answered_there(trial: RunningService) -> None:
    assert "演示模型" in heard(trial, "你好")[-1]["text"]
    assert CHINESE.mode_names[Mode.MULTI_TURN] in heard(trial, "串聊")[-1]["text"]


def test_a_picture_is_uploaded_to_the_simulator(trial: RunningService) -> None:
    (told,) = heard(trial, "#图片 雪山")

    (media_id,) = re.findall(r"!\[.*?\]\((@[^)]+)\)", told["text"])
    picture = httpx.get(f"{simulator(trial)}/_simulator/media/{media_id}", trust_env=False)
    assert picture.headers["content-type"] == "image/png"


def test_the_simulators_first_person_is_administrator_and_a_link_opens(
    trial: RunningService,
) -> None:
    heard(trial, "先问一个")

    (told,) = heard(trial, "#查对话 username:manager1001")

    (page, *_) = re.findall(r"\((http[^)]+/history/[^)]+)\)", told["text"])
    assert "先问一个" in httpx.get(page, trust_env=False).text
    assert CHINESE.administrators_only in heard(trial, "余额", person="user1002")[-1]["text"]


def test_in_stream_mode_the_service_connects_to_the_simulator(tmp_path: Path) -> None:
    port = free_port()
    with RunningService(
        folder=tmp_path,
        arguments=("--trial",),
        variables={"PORT": str(port), "RUN_MODE": "stream"},
        port=port,
    ) as running:
        eventually(lambda: control(running, "state")["robots"][0]["connections"])

        assert "演示模型" in heard(running, "你好")[-1]["text"]
        assert running.stop() == 0


def test_a_taken_port_is_told_with_what_to_do(folder: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + 1)):
        failed = run("serve", "--trial", folder=folder, PORT=str(port))

    assert failed.status == 1
    assert f"模拟的钉钉无法监听 127.0.0.1:{port + 1}" in failed.err
    assert "PORT=" in failed.err


def test_the_services_own_port_is_told_without_a_file_that_is_not_there(folder: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        failed = run("serve", "--trial", folder=folder, PORT=str(port))

    assert failed.status == 1
    assert f"无法监听 127.0.0.1:{port}（Address already in use）：" in failed.err
    assert "PORT=" in failed.err
    assert "配置" not in failed.err


def test_what_is_sent_is_answered_on_the_screen(trial: RunningService) -> None:
    answered = run("send", "你好", folder=trial.folder, PORT=str(trial.port))
    helped = run("send", "帮助", "--group", "试用群", folder=trial.folder, PORT=str(trial.port))

    assert (answered.status, answered.err) == (0, "")
    assert answered.out.strip()
    assert helped.status == 0
    assert "`串聊`" in helped.out
    assert "@试用者" in helped.out


def test_what_is_sent_stands_on_the_page_too(trial: RunningService) -> None:
    run("send", "页面上也有", folder=trial.folder, PORT=str(trial.port))
    run(*("send", "群里也有", "--group", "页面群"), folder=trial.folder, PORT=str(trial.port))

    said = control(trial, "transcript")
    words = [(one["author"]["name"], one["text"]) for one in said["messages"]]
    assert ("试用者", "页面上也有") in words
    assert ("试用者", "群里也有") in words
    assert [one["title"] for one in said["rooms"] if one["title"] == "页面群"] == ["页面群"]
    answers = [one["answers"] for one in said["messages"] if one["by"] == "robot"]
    assert {one["id"] for one in said["messages"] if one["text"] == "页面上也有"} <= set(answers)


def test_the_trials_administrator_is_one(trial: RunningService) -> None:
    told = run(
        *("send", "群ID", "--group", "试用群", "--as", "admin"),
        folder=trial.folder,
        PORT=str(trial.port),
    )

    (group,) = [one for one in control(trial, "state")["rooms"] if one["title"] == "试用群"]
    assert group["id"] in told.out


def test_trial_mode_is_refused_where_there_is_a_configuration(folder: Path) -> None:
    (folder / "config.yml").write_text("api_key: sk-something\nmodel: m\n", encoding="utf-8")

    refused = run("serve", "--trial", folder=folder)

    assert refused.status == 2
    assert "不用试用" in refused.err


def test_where_nothing_runs_it_says_so(folder: Path) -> None:
    port = free_port()
    configured = {
        "APIKEY": "sk-something",
        "MODEL": "m",
        "APP_SECRETS": SECRET,
        "PORT": str(port),
        "WEBHOOK_HOSTS": f"http://127.0.0.1:{port + 2}",
    }

    failed = run("send", "你好", folder=folder, **configured)

    assert failed.status == 1
    assert failed.err.startswith(f"http://127.0.0.1:{port}/ 没有服务在运行")


def test_where_nothing_was_ever_tried_the_other_commands_begin_no_trial(folder: Path) -> None:
    sending, migrating = run("send", "你好", folder=folder), run("migrate", folder=folder)

    assert (sending.status, migrating.status) == (2, 2)
    assert "serve --trial" in sending.err
    assert list(folder.iterdir()) == []


def test_a_configuration_without_a_secret_is_told_what_to_add(folder: Path) -> None:
    (folder / "config.yml").write_text(
        "api_key: sk-something\nmodel: m\nport: 9000\n", encoding="utf-8"
    )

    refused = run("send", "你好", folder=folder)

    assert refused.status == 2
    assert 'webhook_hosts: ["https://oapi.dingtalk.com", "http://127.0.0.1:9002"]' in refused.err


def test_a_configured_service_answers_the_command_without_a_change(folder: Path) -> None:
    port = free_port()
    (folder / "config.yml").write_text(
        f"providers: [{{name: demo, kind: demo}}]\napp_secrets: [{SECRET}]\nport: {port}\n"
        "host: 127.0.0.1\n",
        encoding="utf-8",
    )
    with RunningService(folder=folder, port=port) as running:
        answered = run("send", "你好", folder=folder)
        foreign = httpx.post(
            f"http://127.0.0.1:{port}/",
            json={"msgtype": "text"},
            headers={"timestamp": "1", "sign": "x"},
            trust_env=False,
        )

        assert (answered.status, answered.err) == (0, "")
        assert "演示模型" in answered.out
        assert foreign.status_code == 401
        assert SECRET not in running.said
