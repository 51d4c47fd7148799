"""The real program: run to its end as a command, or served as a process of its own."""

import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import httpx
import yaml

PROGRAM = str(Path(sys.executable).with_name("chatgpt-dingtalk"))
HOST = "127.0.0.1"
DATABASE = Path("data/chatgpt-dingtalk.sqlite")
PATIENCE = 30.0
"""Seconds until something that has to happen is given up."""

Config: TypeAlias = dict[str, object]


def one_by_one() -> httpx.Client:
    """Calls as DingTalk does: every time over a new connection."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(trust_env=False, verify=False, timeout=10, limits=limits)  # noqa: S501 - plain HTTP on the loopback


def environment(**variables: str) -> dict[str, str]:
    """As little as a program can do with: nothing of whoever runs the tests."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TERM": "dumb", **variables}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def mistakes(self) -> list[str]:
        return self.err.splitlines()


def run(*arguments: str, folder: Path, **variables: str) -> Ended:
    """Run the program to its end in that folder."""
    done = subprocess.run(  # noqa: S603 - the program under test
        [PROGRAM, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Ended(status=done.returncode, out=done.stdout, err=done.stderr)


def free_port() -> int:
    """A port that is free, and so are the next two: the trial's simulator, and where `send` listens."""
    while True:
        with socket.create_server((HOST, 0)) as one:
            port = int(one.getsockname()[1])
            try:
                with (
                    socket.create_server((HOST, port + 1)),
                    socket.create_server((HOST, port + 2)),
                ):
                    return port
            except (OSError, OverflowError):
                continue


def eventually(holds: Callable[[], object], *, within: float = PATIENCE) -> None:
    """Wait until it holds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it has not happened in time"
        time.sleep(0.01)


@dataclass(slots=True, kw_only=True)
class RunningService:
    """Serves while it is entered, from `folder/config.yml`. What it writes to stderr is kept in a file."""

    folder: Path
    config: Config = field(default_factory=dict)
    arguments: tuple[str, ...] = ("--config", "config.yml")
    variables: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    client: httpx.Client = field(default_factory=one_by_one, repr=False)
    open_files: int | None = None
    """The soft and the hard limit, if it is not that of the tests."""
    _process: subprocess.Popen[bytes] | None = None
    _spare: int = 0

    def __post_init__(self) -> None:
        self.config = {"host": HOST, "port": self.port, "data_dir": "./data"} | self.config

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def said(self) -> str:
        """Everything that it wrote to stderr so far, over all its lives."""
        return (self.folder / "stderr").read_text(encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self.client.close()

    def start(self) -> None:
        """Begin, and wait until it is ready. If somebody else has taken the port meanwhile, take another."""
        while not self._gets_ready():
            last_words = ["", *self.said.splitlines()][-1]
            assert last_words.startswith(("Cannot listen", "无法监听")), self.said
            self._move_to(free_port())

    def _move_to(self, port: int) -> None:
        self.port = port
        self.config = self.config | {"port": port}
        if "PORT" in self.variables:
            self.variables = {**self.variables, "PORT": str(port)}

    def _gets_ready(self) -> bool:
        """Begin; whether it gets ready, and does not end instead."""
        if self.config.keys() - {"host", "port", "data_dir"}:
            self.write(self.config)
        with (self.folder / "stderr").open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - the program under test
                [PROGRAM, "serve", *self.arguments],
                cwd=self.folder,
                env=environment(**self.variables),
                stdout=errors,
                stderr=errors,
                preexec_fn=self._limit_files,  # noqa: PLW1509 - it calls the kernel and nothing else
            )
        eventually(lambda: self._has_ended() or self._is_ready())
        return not self._has_ended()

    def _limit_files(self) -> None:
        if self.open_files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files, self.open_files))

    def _has_ended(self) -> bool:
        return self.process.poll() is not None

    def _is_ready(self) -> bool:
        try:
            return self.get("/readyz").is_success
        except httpx.HTTPError:
            return False

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was not started"
        return self._process

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """End it as an operator does; returns the exit status."""
        self.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def restart(self) -> None:
        assert self.stop() == 0, self.said
        self.start()

    def kill(self) -> None:
        """End it without giving it a chance."""
        self.process.kill()
        self.process.wait()

    def write(self, config: Config) -> None:
        """Put a configuration in the place of the old one, in one step."""
        new = self.folder.parent / f"{self.folder.name}.new.yml"
        new.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        shutil.move(new, self.folder / "config.yml")

    def configure(self, **changes: object) -> None:
        """Change keys of the configuration it was started with, and wait until they are in force."""
        # A token of the new configuration opens the door once all of it is in force.
        self._spare += 1
        token = f"in-force-{self._spare}"
        self.write(self.config | changes | {"outgoing_tokens": [token]})
        self.send_signal(signal.SIGHUP)
        eventually(lambda: self._lets_in(token))

    def _lets_in(self, token: str) -> bool:
        return self.post({}, {"token": token}).status_code == httpx.codes.BAD_REQUEST

    def get(self, path: str) -> httpx.Response:
        return self.client.get(self.url + path)

    def post(self, body: object, headers: Mapping[str, str]) -> httpx.Response:
        return self.client.post(self.url, json=body, headers=headers)

    def events(self, name: str) -> list[dict[str, object]]:
        """What it logged under that name."""
        lines = (line for line in self.said.splitlines() if line.startswith(f'{{"event":"{name}"'))
        return [json.loads(line) for line in lines]

    def readiness(self) -> dict[str, object]:
        shown = self.get("/readyz").json()
        assert isinstance(shown, dict)
        return shown

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the database holds, read from beside the service."""
        connection = sqlite3.connect(f"file:{self.folder / DATABASE}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()
