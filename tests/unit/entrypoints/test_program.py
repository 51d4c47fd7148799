"""Hints name the program as it was called: in a clone, from the PATH, by a path."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints.program import NAME, program_as_called, serve_command


@contextmanager
def called_as(name: str, *, path: Path | None = None) -> Iterator[None]:
    before, known = sys.argv, os.environ.get("PATH", "")
    sys.argv = [name]
    os.environ["PATH"] = str(path) if path else ""
    try:
        yield
    finally:
        sys.argv, os.environ["PATH"] = before, known


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    program = tmp_path / "bin" / NAME
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    return program


def test_in_a_clone_the_service_is_started_by_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Makefile").touch()

    with called_as(f".venv/bin/{NAME}"):
        assert (program_as_called(), serve_command()) == (f".venv/bin/{NAME}", "make run")


def test_elsewhere_it_is_started_as_it_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    with called_as(str(installed), path=installed.parent):
        assert serve_command() == f"{NAME} serve"
        assert serve_command(trial=True) == f"{NAME} serve --trial"
    with called_as(str(installed)):
        assert serve_command() == f"{installed} serve"
    with called_as("-m"):
        assert program_as_called() == NAME
