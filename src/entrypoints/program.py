"""What to type to call this program again, as it was called this time."""

import shutil
import sys
from pathlib import Path

NAME = "chatgpt-dingtalk"


def program_as_called() -> str:
    """The program's name where the shell finds it, else its path."""
    called = sys.argv[0] if sys.argv else NAME
    if Path(called).name != NAME:  # `python -m`, a test, or the frozen program under another name
        return called if getattr(sys, "frozen", False) else NAME
    found = shutil.which(NAME)
    is_found = found is not None and Path(found).resolve() == Path(called).resolve()
    return NAME if is_found and not called.startswith(".") else called


def serve_command(*, trial: bool = False) -> str:
    """How to start the service from the current folder: `make run` in a clone of the repository."""
    program = program_as_called()
    in_clone = Path(program) == Path(".venv/bin", NAME) and Path("Makefile").is_file()
    if in_clone:
        return "make run"
    return f"{program} serve --trial" if trial else f"{program} serve"
