"""The recipe for systemd, run as it is printed, leaves a service that starts as its account would be.

Not by systemd itself, which would take over the machine: the commands run below a folder of their own,
and the unit's account, folders, variables and program are read from it and set up by hand.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy.test_systemd import UNIT
from tests.deploy.tools import ROOT, tool

NOBODY = 65534
"""An account without a right to anything, which owns no file."""

GUIDE = ROOT / "docs" / "deploying.md"
PLACES = re.compile(r"(?<![\w./])/(?=(?:opt|etc|var/lib)/)")

STAND_INS = {
    "useradd": "",
    "systemctl": "",
    "journalctl": "",
    "git": f'mkdir -p "$3" && cp -R "{ROOT}/deploy" "{ROOT}/config.example.yml" "$3"',
    "make": (
        "mkdir -p .venv/bin && cd .venv/bin && cat > chatgpt-dingtalk <<'PROGRAM'\n{program}\nPROGRAM\n"
        "chmod 755 chatgpt-dingtalk"
    ),
    "editor": (
        "sed -i -e 's/^api_key:.*/api_key: sk-a1b2c3d4/' -e 's/^model:.*/model: some-model/'"
        " -e 's/^app_secrets:.*/app_secrets: [a1b2c3d4]/' \"$1\""
    ),
}
"""What the recipe calls and would change this machine, or needs the network."""

SERVICE = """
mount --bind "{base}" "{root}/python"
mount --bind "{packages}" "{root}/packages"
mount --bind "{source}" "{root}/source"
for folder in opt etc; do
    mount --bind "{root}/$folder" "{root}/$folder" && mount -o remount,bind,ro "{root}/$folder"
done
cd "{working}"
exec setpriv --reuid={account} --regid={account} --clear-groups --no-new-privs --bounding-set=-all \
    --inh-caps=-all env -i PATH=/usr/bin:/bin {variables} {program}
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that every account may pass through, with `/opt`, `/etc` and the like below it."""
    # Not pytest's own, into which no other account may look.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="recipe-") as folder:
        Path(folder).chmod(0o755)
        for name in ("python", "packages", "source", "bin", "etc/systemd/system"):
            (Path(folder) / name).mkdir(parents=True)
        yield Path(folder)


def recipe() -> str:
    """The first block of commands below the heading."""
    section = GUIDE.read_text(encoding="utf-8").partition('<a id="systemd"></a>')[2]
    return section.partition("```sh\n")[2].partition("```")[0]


def below(root: Path, text: str) -> str:
    return PLACES.sub(f"{root}/", text)


def follow_recipe(root: Path) -> None:
    python = f"{root}/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    program = (
        f"#!/bin/sh\nexport LD_LIBRARY_PATH={root}/python/lib PYTHONPATH={root}/source/src:{root}/packages\n"
        f"exec {python} -c 'from entrypoints.cli import main; main()' \"$@\""
    )
    for name, does in STAND_INS.items():
        file = root / "bin" / name
        file.write_text(f"#!/bin/sh\n{does.format(program=program) if name == 'make' else does}\n")
        file.chmod(0o755)
    commands = below(root, recipe()).replace("-g chatgpt-dingtalk", f"-g {NOBODY}")
    environment = {"PATH": f"{root}/bin:{os.environ['PATH']}", "EDITOR": "editor"}
    subprocess.run(["/bin/sh", "-ec", commands], env=environment, check=True, cwd=root)  # noqa: S603 - our own recipe


def unit_of(root: Path) -> dict[str, list[str]]:
    """What the installed unit says, by directive."""
    text = (root / "etc/systemd/system" / UNIT.name).read_text(encoding="utf-8")
    said: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", below(root, text), re.MULTILINE):
        said.setdefault(name, []).append(value)
    return said


def state_of(root: Path) -> Path:
    """The state directory, made as systemd makes it."""
    unit = unit_of(root)
    state = root / "var/lib" / unit["StateDirectory"][0]
    if not state.exists():
        state.mkdir(parents=True, mode=int(unit["StateDirectoryMode"][0], 8))
        os.chown(state, NOBODY, NOBODY)
    return state


def started(root: Path, **variables: str | int) -> subprocess.Popen[bytes]:
    """The service as the unit has it started: state directory, account, variables, program."""
    unit = unit_of(root)
    state_of(root)
    given = [*unit["Environment"], *(f"{name}={value}" for name, value in variables.items())]
    script = SERVICE.format(
        root=root,
        base=sys.base_prefix,
        packages=sysconfig.get_path("purelib"),
        source=ROOT,
        working=unit["WorkingDirectory"][0],
        account=NOBODY,
        variables=shlex.join(given),
        program=unit["ExecStart"][0],
    )
    command = [tool("unshare"), "--mount", "--propagation", "private", "/bin/sh", "-ec", script]
    return subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603 - our own words


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_the_service_starts_as_its_account_and_ends_in_order(root: Path) -> None:
    follow_recipe(root)
    port = free_port()
    service = started(root, PORT=port)
    try:
        has_answered = wait_for(port, service)
    finally:
        service.send_signal(signal.SIGTERM)
        _, said = service.communicate(timeout=60)

    assert (has_answered, service.returncode) == (True, 0), said.decode()
    assert b"readable_by_others" not in said
    assert (root / "var/lib/chatgpt-dingtalk/chatgpt-dingtalk.sqlite").stat().st_uid == NOBODY


@pytest.mark.parametrize(
    "of_root", [".", "chatgpt-dingtalk.sqlite", "chatgpt-dingtalk.sqlite.lock"]
)
def test_data_that_belongs_to_root_is_a_sentence_with_the_command(root: Path, of_root: str) -> None:
    """As a folder is that docker makes for a volume, or what somebody ran as root leaves."""
    follow_recipe(root)
    place = state_of(root) / of_root
    place.touch()
    os.chown(place, 0, 0)
    place.chmod(0o755 if place.is_dir() else 0o600)

    service = started(root, PORT=free_port())
    _, said = service.communicate(timeout=120)

    (line,) = [one for one in said.decode().splitlines() if "data_dir_readable" not in one]
    assert service.returncode == 1
    assert f"chown -R {NOBODY}:{NOBODY} {state_of(root)}" in line


def test_nobody_but_root_and_the_account_reads_the_configuration(root: Path) -> None:
    follow_recipe(root)

    folder = root / "etc/chatgpt-dingtalk"
    facts = [(one.stat().st_uid, one.stat().st_gid) for one in (folder, folder / "config.yml")]

    assert facts == [(0, NOBODY)] * 2
    assert folder.stat().st_mode & 0o027 == 0
    assert (folder / "config.yml").stat().st_mode & 0o037 == 0
    assert unit_of(root)["User"] == ["chatgpt-dingtalk"]


def wait_for(port: int, service: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + 120
    while service.poll() is None and time.monotonic() < end:
        try:
            httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return True
    return False
