"""A command writes a new private file, or to what is there: never over it."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.private_files import LONGEST_PREFIX, name_once_finished, new_private_file
from entrypoints.cli.output import opened_output, printable


def write(path: Path, *, force: bool = False) -> None:
    with opened_output(path, force=force) as file:
        file.write(b"new")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["out", "名字.md", "a" * 255, "-x", "坏" * 85])
def test_a_new_file_is_its_owners_alone(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)

    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (mode_of(tmp_path / name), (tmp_path / name).read_bytes()) == (0o600, b"new")


def test_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with opened_output(tmp_path / "out") as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link", "link to nothing", "folder", "hard link"])
def test_what_is_there_stays_without_force(tmp_path: Path, kind: str) -> None:
    other, place = tmp_path / "other", tmp_path / "out"
    match kind:
        case "file":
            place.write_bytes(b"old")
        case "link":
            other.write_bytes(b"old")
            place.symlink_to(other)
        case "link to nothing":
            place.symlink_to(tmp_path / "nowhere")
        case "folder":
            place.mkdir()
        case _:
            other.write_bytes(b"old")
            place.hardlink_to(other)
    before = {one.name: one.lstat() for one in tmp_path.iterdir()}

    with pytest.raises(FileExistsError):
        write(place)

    after = {one.name: one.lstat() for one in tmp_path.iterdir()}
    assert {name: facts.st_ino for name, facts in after.items()} == {
        name: facts.st_ino for name, facts in before.items()
    }
    assert b"new" not in {one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}


def test_by_force_a_link_stays_a_link_and_leads_to_what_is_new(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "real").write_bytes(b"old")
    (tmp_path / "out").symlink_to("elsewhere/real")

    write(tmp_path / "out", force=True)

    assert (tmp_path / "out").is_symlink()
    assert ((folder / "real").read_bytes(), mode_of(folder / "real")) == (b"new", 0o600)
    assert [one.name for one in folder.iterdir()] == ["real"]


def test_who_was_faster_keeps_the_name(tmp_path: Path) -> None:
    def write_at_once_with_another() -> None:
        with new_private_file(tmp_path / "out") as file:
            file.write(b"new")
            (tmp_path / "out").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        write_at_once_with_another()

    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("out", b"old")]


@pytest.mark.parametrize("force", [False, True])
def test_a_pipe_is_written_to_and_stays(tmp_path: Path, *, force: bool) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    reading = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reading.start()

    write(tmp_path / "link", force=force)

    reading.join()
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"new"], True)


PROGRAM = """
import sys
from pathlib import Path
from entrypoints.cli.output import opened_output
with opened_output(Path(sys.argv[1]), force=len(sys.argv) > 2) as file:
    file.write(b"new")
"""


@pytest.mark.parametrize(
    "name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr"]
)
@pytest.mark.parametrize("force", [False, True])
def test_a_descriptor_is_written_to_where_the_shell_has_led_it(
    tmp_path: Path, name: str, *, force: bool
) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"")
    inode = out.stat().st_ino
    with out.open("ab") as opened:
        subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", PROGRAM, name, *(["force"] if force else [])],
            stdout=opened,
            stderr=opened,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
        )

    assert (out.read_bytes(), out.stat().st_ino) == (b"new", inode)


def test_what_takes_everything_stays_a_device() -> None:
    write(Path(os.devnull), force=True)

    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_file_that_is_ended_half_way_is_not_there(tmp_path: Path) -> None:
    def stop_half_way() -> None:
        with opened_output(tmp_path / "out") as file:
            file.write(b"half")
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit):
        stop_half_way()

    assert list(tmp_path.iterdir()) == []


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1))
def test_what_a_killed_process_leaves_tells_whose_it_was(name: str) -> None:
    cut = name[:LONGEST_PREFIX]

    assert name_once_finished(f".{cut}.0123abcd.part") == cut


@given(st.text())
def test_what_is_printed_gives_a_terminal_no_orders(text: str) -> None:
    shown = printable(text)

    assert all(one.isprintable() or one in "\n\t\u200c\u200d" or one.isspace() for one in shown)
    assert not set(shown) & set("\x1b\x9b\x07\x08\r\x7f\u202e\u2066\ufeff\u2028")


def test_what_is_written_in_many_scripts_is_printed_as_it_is() -> None:
    text = "你好\u3000 é 👨\u200d👩\u200d👧 ❤\ufe0f\n\tनमस्ते\u00a0!"

    assert printable(text) == text
