"""The Dockerfile, the compose file, and what they and the environment promise each other."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from entrypoints.settings import Settings, load
from entrypoints.settings.reading.structures import keys_of
from tests.deploy.tools import DEPLOY, ROOT, ran

FOR_COMPOSE = {
    "COMPOSE_PROFILES", "POSTGRES_PASSWORD", "POSTGRES_IMAGE", "NGINX_IMAGE", "BASE_IMAGE",
}  # fmt: skip


def test_hadolint_has_nothing_to_say() -> None:
    done = ran("hadolint", "Dockerfile")

    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_is_one() -> None:
    done = ran("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yml")

    assert done.returncode == 0, done.stdout


def test_every_variable_of_the_example_is_one_that_is_read() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    variables = set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE))

    known = {key.environment for key in keys_of(Settings).values()}

    assert variables - known - FOR_COMPOSE == set()
    assert variables >= FOR_COMPOSE


def test_the_example_holds_no_secret_and_compose_runs_without_rights() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert (
        re.findall(
            r"^(?:APIKEY|APP_SECRETS|DINGTALK_CREDENTIALS|METRICS_TOKEN)=(.+)$", text, re.MULTILINE
        )
        == []
    )

    services = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))["services"]
    for name in ("bot", "bot-2"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges"]
    published = [port for one in services.values() for port in one.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize(
    ("is_mounted", "given", "folder"),
    [(False, "", "/app/data"), (True, "", "/data"), (True, "/srv/x", "/srv/x")],
)
def test_the_program_of_the_image_finds_its_data(
    tmp_path: Path, *, is_mounted: bool, given: str, folder: str
) -> None:
    """Where a volume is mounted at /data it counts, unless a variable names another folder."""
    program = tmp_path / "program"
    text = (DEPLOY / "container" / "chatgpt-dingtalk").read_text(encoding="utf-8")
    program.write_text(
        text.replace("/opt/chatgpt-dingtalk/bin/chatgpt-dingtalk", "env"), encoding="utf-8"
    )
    (tmp_path / "mountpoint").write_text(f"#!/bin/sh\nexit {0 if is_mounted else 1}\n")
    (tmp_path / "mountpoint").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DATA_DIR": given}

    done = subprocess.run(  # noqa: S603 - our own program
        ["/bin/sh", program], env=environment, capture_output=True, text=True, check=True
    )

    assert f"DATA_DIR={folder}" in done.stdout.splitlines()


def test_a_compose_file_of_the_former_form_configures_the_service() -> None:
    text = (DEPLOY / "container" / "former-compose.yml").read_text(encoding="utf-8")
    service = yaml.safe_load(text)["services"]["chatgpt"]
    variables = {name: str(value) for name, value in service["environment"].items()}

    settings = load(environment=variables).settings

    assert settings.help == "欢迎使用\n\n发送 **帮助** 查看说明"
    assert settings.allow_outgoing_groups == ("disabled",)
    assert settings.service_url == ""
    assert service["volumes"] == ["./data:/app/data"]


def test_every_place_of_the_data_is_the_same() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    compose = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))
    guide = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")

    assert "VOLUME /app/data" in dockerfile
    assert compose["services"]["bot"]["volumes"] == ["data:/app/data"]
    assert set(re.findall(r"-v chatgpt-dingtalk:(\S+)", guide)) == {"/app/data"}


def test_the_image_gets_only_what_it_is_made_of() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = {line[1:] for line in ignored if line.startswith("!")}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE)
        for word in line.split()[:-1]
    }

    assert "*" in ignored
    for path in copied:
        assert any(path == one or path.startswith(f"{one}/") for one in taken), path
    assert (DEPLOY / "container" / "health.py").exists()
