"""The Dockerfile, the compose file, and what they and the environment promise each other."""

import re

import yaml

from entrypoints.settings import Settings
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
