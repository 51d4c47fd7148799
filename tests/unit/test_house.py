"""The house keeps its own laws: names, sizes, captions, contracts, words in both languages."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter

import pytest

from application.errors import ModelFailure
from application.wording import CHINESE, ENGLISH, Wording
from domain.access import Refusal
from domain.command import Mode

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
MODULES = sorted(SRC.rglob("*.py"))
PACKAGES = sorted({module.parent for module in MODULES})
TEXTS = [
    *(path for path in SRC.rglob("*") if path.suffix in {".py", ".yml"}),
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    ROOT / "Makefile",
    ROOT / "config.example.yml",
]

LONGEST_MODULE = 350
"""Lines that are not blank."""

LARGEST_PACKAGE = 24

FORBIDDEN = frozenset(
    {"util", "helper", "common", "base", "manager", "processor", "impl", "data", "info"}
)

TESTED_DIRECTLY = {
    "Clock": "two lines over the system's clock",
    "TokenCounter": "a pure function, tested against known counts",
    "Pseudonyms": "a pure function, tested by its properties",
}
"""Ports without a contract class, and why they need none."""

REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|npmjs|docker\.io|dockerproxy|ghcr\.io|quay\.io|(?<!dashscope\.)aliyuncs|mirrors\.",
    re.IGNORECASE,
)
HERE = re.compile(r"(?<![\w.:}/])/(?:home|root|Users|work|tmp|mnt)/")


def _called(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _classes_in(path: Path) -> Iterable[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def _words_of(name: str) -> set[str]:
    """The words of a name in camel or snake case, in the singular."""
    return {
        word.lower().removesuffix("s") for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    }


def _placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def _sentences(wording: Wording) -> dict[str, str]:
    """Every sentence by its field, and within mappings by its key."""
    found: dict[str, str] = {}
    for name in Wording.__slots__:
        value: object = getattr(wording, name)
        if isinstance(value, Mapping):
            found |= {f"{name}[{key}]": text for key, text in value.items()}
        else:
            found[name] = str(value)
    return found


@pytest.mark.parametrize("module", MODULES, ids=_called)
def test_every_module_begins_with_a_sentence_that_says_what_it_holds(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""

    caption = docstring.partition("\n")[0]

    assert re.fullmatch(r"\S.{8,}[.。]", caption), caption


@pytest.mark.parametrize("module", MODULES, ids=_called)
def test_no_module_is_too_long_to_be_read_at_once(module: Path) -> None:
    lines = [line for line in module.read_text(encoding="utf-8").splitlines() if line.strip()]

    assert len(lines) <= LONGEST_MODULE


@pytest.mark.parametrize("package", PACKAGES, ids=_called)
def test_no_package_has_too_many_modules_to_be_seen_at_once(package: Path) -> None:
    modules = [path for path in package.glob("*.py") if path.name != "__init__.py"]

    assert len(modules) <= LARGEST_PACKAGE


@pytest.mark.parametrize("module", MODULES, ids=_called)
def test_no_name_hides_what_it_is(module: Path) -> None:
    names = [module.stem, *(one.name for one in _classes_in(module))]

    assert not [name for name in names if _words_of(name) & FORBIDDEN]


def test_every_port_has_a_contract_or_a_reason_to_need_none() -> None:
    contracts = {
        one.name
        for path in (ROOT / "tests" / "contracts").glob("*.py")
        for one in _classes_in(path)
    }
    ports = {
        one.name
        for path in (SRC / "application" / "ports").glob("*.py")
        for one in _classes_in(path)
        if any(ast.unparse(base) == "Protocol" for base in one.bases)
    }

    under_contract = {port for port in ports if f"{port}Contract" in contracts}

    assert ports
    assert ports - under_contract == set(TESTED_DIRECTLY)


def test_every_contract_is_kept_by_somebody() -> None:
    contracts = {
        one.name
        for path in (ROOT / "tests" / "contracts").glob("*.py")
        for one in _classes_in(path)
        if one.name.endswith("Contract")
    }
    kept = {
        ast.unparse(base)
        for path in (ROOT / "tests").rglob("*.py")
        for one in _classes_in(path)
        for base in one.bases
    }

    assert contracts <= kept


def test_starting_imports_neither_the_sdk_nor_the_migrations() -> None:
    program = "import sys, entrypoints.cli.serve, entrypoints.container; print(*sys.modules)"

    run = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", program],
        cwd=SRC,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = run.stdout.split()

    assert "litestar" in imported
    assert not {"openai", "alembic"} & set(imported)


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_every_refusal_failure_and_mode_has_words(wording: Wording) -> None:
    assert set(wording.refusals) == set(Refusal)
    assert set(wording.failures) == set(ModelFailure.__subclasses__())
    assert set(wording.mode_names) == set(Mode)


def test_both_languages_fill_the_same_places() -> None:
    chinese, english = _sentences(CHINESE), _sentences(ENGLISH)

    assert {name: _placeholders(text) for name, text in chinese.items()} == {
        name: _placeholders(text) for name, text in english.items()
    }


@pytest.mark.parametrize("wording", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_no_sentence_is_blank(wording: Wording) -> None:
    assert [name for name, text in _sentences(wording).items() if not text.strip()] == []


@pytest.mark.parametrize("path", TEXTS, ids=_called)
def test_nothing_names_a_registry_or_a_place_on_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not REGISTRIES.search(text)
    assert not HERE.search(text)


def test_the_domain_imports_the_standard_library_only() -> None:
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name) or ""
        for module in (SRC / "domain").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    roots = {name.partition(".")[0] for name in imported}
    assert roots - sys.stdlib_module_names == {"domain"}
    assert not roots & {"asyncio", "logging", "os", "pathlib", "random", "socket", "time"}
