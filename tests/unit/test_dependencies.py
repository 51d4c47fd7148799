"""What is imported is declared, and declared alike for the package and for the lock."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALWAYS_NEWEST = {"certifi", "tzdata"}
"""Data that grows old: certificate authorities and time zones are never held back."""
OWN = {path.name for path in (ROOT / "src").iterdir()}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def _declared() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    dependencies = tomllib.loads(text)["project"]["dependencies"]
    assert isinstance(dependencies, list)
    return dependencies


def _locked() -> dict[str, str]:
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s\\]+)", text, re.MULTILINE))


def _imported() -> set[str]:
    found: set[str] = set()
    for folder in ("src", "migrations"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.partition(".")[0])
    return found - OWN - set(sys.stdlib_module_names)


def test_the_lock_is_made_for_what_the_package_needs() -> None:
    lines = (ROOT / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
    locked = [line for line in lines if line and not line.startswith("#")]

    assert sorted(locked) == sorted(_declared())


@pytest.mark.parametrize("declared", _declared(), ids=_name)
def test_a_dependency_is_bounded_by_the_tested_version_and_the_next_major(declared: str) -> None:
    major, minor, *_ = _locked()[_name(declared)].split(".")
    cap = "" if _name(declared) in ALWAYS_NEWEST else f",<{int(major) + 1}"

    assert declared.partition(">=")[2] == f"{major}.{minor}{cap}"


def test_every_library_that_is_imported_is_declared() -> None:
    declared, providers = {_name(one) for one in _declared()}, packages_distributions()

    assert {
        module
        for module in _imported()
        if declared.isdisjoint(_name(one) for one in providers[module])
    } == set()
