"""What `make dist` makes, used by somebody who has nothing else."""

import os
import socket
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.tools import DEPLOY, ROOT, tool

pytestmark = pytest.mark.timeout(900)

SECRET = "a-secret-of-the-robot"


@dataclass(frozen=True, slots=True)
class Dist:
    folder: Path

    def only(self, pattern: str) -> Path:
        (found,) = self.folder.glob(pattern)
        return found


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    """What `make dist` has just made, or the same made for these tests."""
    if os.environ.get("DIST"):
        return Dist(ROOT / "dist")
    folder, bin_folder = tmp_path_factory.mktemp("dist"), Path(tool("pyinstaller")).parent
    subprocess.run([DEPLOY / "program" / "build.sh", bin_folder, folder], cwd=ROOT, check=True)  # noqa: S603 - our own words
    return Dist(folder / "dist")


@pytest.fixture(scope="module")
def program(dist: Dist, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpacked into an empty folder."""
    folder = tmp_path_factory.mktemp("newcomer")
    with tarfile.open(dist.only("chatgpt-dingtalk-*-linux-*.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked / "chatgpt-dingtalk"


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the program under test
        [program, *arguments],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.fixture
def serving(program: Path) -> Iterator[subprocess.Popen[bytes]]:
    """As the documents say: copy the example, put in what is one's own, start."""
    folder, port = program.parent, free_port()
    text = (folder / "config.example.yml").read_text(encoding="utf-8")
    for empty, filled in {
        'port: "8090"': f'port: "{port}"',
        "app_secrets: []": f'app_secrets: ["{SECRET}"]',
        "providers: []": "providers: [{name: demo, kind: demo}]",
    }.items():
        assert empty in text
        text = text.replace(empty, filled)
    (folder / "config.yml").write_text(text, encoding="utf-8")
    began = time.monotonic()
    process = subprocess.Popen([program, "serve"], cwd=folder, env={})  # noqa: S603 - the program under test
    try:
        while not lives(port):
            assert process.poll() is None
            assert time.monotonic() - began < 60
            time.sleep(0.05)
        print(f"{time.monotonic() - began:.1f} s to the first answer")  # noqa: T201 - for docs/deploying.md
        yield process
    finally:
        process.kill()
        process.wait()


def lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_it_answers_in_an_empty_folder_with_an_empty_environment(
    program: Path, serving: subprocess.Popen[bytes]
) -> None:
    said = run(program, "send", "你好", folder=program.parent)

    assert said.returncode == 0, said.stderr
    assert "你好" in said.stdout
    serving.terminate()
    assert serving.wait(15) == 0


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "setup",
        "example-config",
        "check-config",
        "migrate",
        "backup",
        "doctor",
        "import-legacy",
        "export-history",
        "simulate",
        "send",
    ],
)
def test_every_command_is_in_it(program: Path, command: str) -> None:
    done = run(program, command, "--help", folder=program.parent)

    assert (done.returncode, "用法" in done.stdout) == (0, True), done.stderr


def test_without_a_configuration_it_says_what_is_missing(program: Path, tmp_path: Path) -> None:
    done = run(program, "serve", folder=tmp_path)

    assert done.returncode == 2
    assert "APIKEY" in done.stderr


def test_the_wheel_has_what_is_not_python(dist: Dist) -> None:
    with zipfile.ZipFile(dist.only("*.whl")) as wheel:
        names = wheel.namelist()

    assert any(name.startswith("adapters/sql/migrations/versions/") for name in names)
    assert "entrypoints/settings/prompt.yml" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_source_can_be_built_again(dist: Dist) -> None:
    with tarfile.open(dist.only("chatgpt_dingtalk-*.tar.gz")) as source:
        names = {name.partition("/")[2] for name in source.getnames()}

    assert {"pyproject.toml", "LICENSE", "config.example.yml", "migrations/env.py"} <= names
