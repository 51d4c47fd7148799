"""`setup` as it is called: with a terminal and without, against a model service and a DingTalk."""

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import anyio
import pytest

from entrypoints.settings import Settings, load
from tests.fakes.billing_server import BillingServer, page
from tests.fakes.model_server import ModelServer, error
from tests.integration.entrypoints.test_doctor_models import offering

pytestmark = pytest.mark.anyio

KEY, SECRET = "sk-canary-key-1234", "canary-secret-1234"
SECRETS = {"APIKEY": KEY, "CLIENT_SECRET": SECRET}
PROGRAM = "from entrypoints.cli import main; main()"
OWN_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
"""Makes the terminal that of the process, so that Ctrl-C in it is a signal."""

PATIENCE = 90
"""Seconds for a prompt on a busy machine."""


class World:
    """A model service and a DingTalk, well until a test breaks something."""

    def __init__(self, folder: Path, model: ModelServer, dingtalk: BillingServer) -> None:
        self.folder, self.model, self.dingtalk = folder, model, dingtalk
        dingtalk.pages = {
            "/v1.0/oauth2/accessToken": page({"accessToken": "t-1", "expireIn": 7200}),
            "/v1.0/robot/oToMessages/batchSend": page({"code": "invalidParameter"}, status=400),
            "/v1.0/gateway/connections/open": page({"endpoint": "wss://x/connect", "ticket": "t"}),
        }

    @property
    def file(self) -> Path:
        return self.folder / "config.yml"

    @property
    def environment(self) -> dict[str, str]:
        source = Path(__file__).parents[3] / "src"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "PYTHONPATH": str(source), "DINGTALK_API_URL": self.dingtalk.origin}

    @property
    def answers(self) -> tuple[str, ...]:
        return (
            *("--base-url", self.model.url, "--model", "gpt-x", "--client-id", "dingabc"),
            *("--admins", "boss,manager"),
        )

    def settings(self) -> Settings:
        return load(self.file, environment={}).settings

    async def called(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """The program without a terminal."""

        def run() -> "subprocess.CompletedProcess[str]":
            return subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-c", PROGRAM, "setup", *arguments],
                cwd=self.folder,
                env=self.environment | variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )

        # The servers live in this thread.
        return await anyio.to_thread.run_sync(run)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with (
        ModelServer(lists_models=True).serving(offering("gpt-x", "gpt-y")) as model,
        BillingServer() as dingtalk,
    ):
        yield World(tmp_path, model, dingtalk)


async def test_without_a_terminal_everything_comes_by_options_and_variables(world: World) -> None:
    run = await world.called(*world.answers, **SECRETS)

    assert run.returncode == 0, run.stderr + run.stdout
    found = world.settings()
    assert found.effective_providers[0].base_url == world.model.url
    assert found.api_key is not None
    assert found.api_key.reveal() == KEY
    assert found.run_mode == "stream"
    assert found.credentials[0].secret.reveal() == SECRET
    assert found.admin_users == ("boss", "manager")
    assert found.max_request == 50
    assert world.file.stat().st_mode & 0o777 == 0o600
    assert KEY not in run.stdout + run.stderr
    assert SECRET not in run.stdout + run.stderr
    assert [one.path for one in world.model.calls] == ["/v1/models", "/v1/chat/completions"]


async def test_secrets_may_come_by_files(world: World) -> None:
    for name, secret in (("key", KEY), ("secret", SECRET)):
        (world.folder / name).write_text(f"{secret}\n", encoding="utf-8")

    run = await world.called(
        *world.answers, "--api-key-file", "key", "--client-secret-file", "secret"
    )

    assert run.returncode == 0
    assert world.settings().credentials[0].secret.reveal() == SECRET


async def test_what_is_missing_is_named_all_at_once(world: World) -> None:
    run = await world.called("--service", "deepseek", "--language", "en")

    assert run.returncode == 2
    for option in ("--api-key-file", "APIKEY", "--model", "--client-id", "CLIENT_SECRET"):
        assert option in run.stderr
    assert not world.file.exists()


async def test_a_failed_check_writes_nothing_unless_it_is_left_out(world: World) -> None:
    world.model.script = [offering("gpt-x", chat=error(401, "invalid_api_key"))]

    checked = await world.called(*world.answers, **SECRETS)
    existed = world.file.exists()
    unchecked = await world.called(*world.answers, "--no-check", **SECRETS)

    assert checked.returncode == 1
    assert "model-key" in checked.stdout
    assert not existed
    assert unchecked.returncode == 0
    assert world.file.exists()


async def test_a_refused_secret_of_the_robot_is_a_failed_check(world: World) -> None:
    refused = page({"code": "invalidClientIdOrSecret"}, status=400)
    world.dingtalk.pages["/v1.0/oauth2/accessToken"] = refused

    run = await world.called(*world.answers, **SECRETS)

    assert run.returncode == 1
    assert "credentials" in run.stdout


async def test_an_answer_that_cannot_be_used_is_named(world: World) -> None:
    run = await world.called(*world.answers, "--daily-limit", "many", **SECRETS)

    assert run.returncode == 2
    assert "--daily-limit" in run.stderr
    assert not world.file.exists()


@pytest.mark.parametrize("kind", ["file", "link"])
async def test_an_existing_file_stays_as_it_is(world: World, kind: str) -> None:
    if kind == "file":
        world.file.write_text("model: mine\n", encoding="utf-8")
    else:
        world.file.symlink_to(world.folder / "nowhere")

    run = await world.called(*world.answers, **SECRETS)

    assert run.returncode == 2
    assert "config.yml" in run.stderr
    assert not (world.folder / "nowhere").exists()
    assert kind == "link" or world.file.read_text(encoding="utf-8") == "model: mine\n"
    assert world.model.calls == []


async def test_another_place_may_be_chosen(world: World) -> None:
    run = await world.called(*world.answers, "--output", "other.yml", **SECRETS)
    lost = await world.called(*world.answers, "--output", "no/where.yml", **SECRETS)

    assert run.returncode == 0
    assert "--config other.yml" in run.stdout
    assert lost.returncode == 1
    assert [one.name for one in world.folder.iterdir()] == ["other.yml"]


class Terminal:
    """A person at a terminal of the program."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._unread_from = 0
        self.screen = ""

    def expect(self, text: str) -> None:
        """Wait until this is on the screen, behind what was waited for before."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.screen.find(text, self._unread_from)) < 0:
            assert time.monotonic() < deadline, f"waited for {text!r}:\n{self.screen}"
            self.read()
        self._unread_from = found + len(text)

    def read(self) -> bool:
        """Take what has come; whether the program is still there."""
        if not select.select([self._master], [], [], 1)[0]:
            return True
        try:
            self.screen += os.read(self._master, 65536).decode("utf-8", "replace")
        except OSError:
            return False
        return True

    def type(self, text: str) -> None:
        self.press(f"{text}\n".encode())

    def press(self, control: bytes) -> None:
        os.write(self._master, control)


@contextlib.contextmanager
def terminal(world: World, *arguments: str) -> Iterator[tuple[Terminal, "subprocess.Popen[bytes]"]]:
    master, slave = os.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", OWN_TERMINAL + PROGRAM, "setup", *arguments],
        cwd=world.folder,
        env=world.environment | {"TERM": "xterm", "COLUMNS": "120"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(master), process
    finally:
        process.kill()
        process.wait()
        os.close(master)


async def at_a_terminal(
    world: World, script: Callable[[Terminal], None], *arguments: str
) -> tuple[int, str]:
    """The exit status and the screen after the script was played."""

    def play() -> tuple[int, str]:
        with terminal(world, *arguments) as (talk, process):
            script(talk)
            while talk.read():
                """Until the program has closed it."""
            return process.wait(PATIENCE), talk.screen

    return await anyio.to_thread.run_sync(play)


async def test_a_person_is_led_to_a_configuration(world: World) -> None:
    def script(talk: Terminal) -> None:
        for question, typed in (
            ("Language", ""),
            ("模型服务（填编号或名称）", "other"),
            ("接口地址", world.model.url),
            ("API 密钥", KEY),
            ("模型（填编号或名称）", "2"),
            ("Client ID", "dingabc"),
            ("Client Secret", SECRET),
            ("消息接收模式", ""),
            ("管理员", "boss"),
            ("每人每天", "20"),
            ("serve", ""),
        ):
            talk.expect(question)
            talk.type(typed)

    status, screen = await at_a_terminal(world, script)

    assert status == 0
    assert KEY not in screen
    assert SECRET not in screen
    found = world.settings()
    assert (found.model, found.run_mode, found.max_request) == ("gpt-y", "stream", 20)
    assert found.admin_users == ("boss",)


async def test_a_wrong_key_may_be_typed_again(world: World) -> None:
    world.model.script = [error(401, "invalid_api_key"), offering("gpt-x")]

    def script(talk: Terminal) -> None:
        for question, typed in (
            ("API key", "sk-wrong-key-1"),
            (f"{world.model.url}/models", ""),
            ("type it again", "1"),
            ("Address of the API", ""),
            ("API key", KEY),
            ("Model (", ""),
            ("Client Secret", SECRET),
            ("How messages", ""),
            ("serve", ""),
        ):
            talk.expect(question)
            if not question.startswith("http"):
                talk.type(typed)

    status, screen = await at_a_terminal(
        world, script, "--language", "en", "--base-url", world.model.url, "--client-id", "dingabc",
        "--admins", "", "--daily-limit", "0",
    )  # fmt: skip

    assert status == 0
    assert "does not accept the key" in screen
    assert world.settings().language == "en"


@pytest.mark.parametrize("control", [b"\x03", b"\x04"], ids=["interrupt", "end-of-file"])
async def test_leaving_leaves_nothing(world: World, control: bytes) -> None:
    def script(talk: Terminal) -> None:
        talk.expect("Language")
        talk.type("")
        talk.expect("模型服务（填编号或名称）")
        # Python's own prompt loses a key that is pressed at the very moment when it begins to wait.
        while "没有写入任何文件" not in talk.screen:
            talk.press(control)
            pressed_at = time.monotonic()
            while "没有写入任何文件" not in talk.screen and time.monotonic() - pressed_at < 5:
                assert talk.read(), talk.screen

    status, _ = await at_a_terminal(world, script)

    assert status == 1
    assert list(world.folder.iterdir()) == []
