"""What is documented exists, and what exists is documented."""

import importlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import rich_click as click
from markdown_it import MarkdownIt

from adapters.dingtalk.inbound.callback import read_callback
from application.errors import ModelFailure
from domain.access import Refusal
from domain.command import EXACT, Command
from entrypoints.cli import COMMANDS, main
from entrypoints.settings import Settings, load, templates_in
from entrypoints.settings.display import NOT_SET, shown
from entrypoints.settings.reading.structures import keys_of

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))

HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]

DUMMIES = {
    "APIKEY": "sk-a1b2c3d4",
    "MODEL": "m",
    "APP_SECRETS": "a1b2c3d4e5",
    "DINGTALK_CREDENTIALS": "ding1:a1b2c3d4e5",
}
"""In place of the secrets that a snippet rightly leaves to its reader."""

HIDDEN = re.compile(r"^ *<!--.*?-->|^```.*?^```", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]*))?\)")
ROW = re.compile(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", re.MULTILINE)
EVENT = re.compile(r"logger\.\w+\(\s*\"(\w+)\"")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _called(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _snippets(language: str) -> list[object]:
    """The fenced texts of all pages in a language, each named after its page."""
    return [
        pytest.param(text, id=f"{_called(page)}-{number}")
        for page in PAGES
        for number, (kind, text) in enumerate(FENCE.findall(page.read_text(encoding="utf-8")))
        if kind == language
    ]


def _anchors(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    slugs = {
        re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-").lower()
        for heading in HEADING.findall(text)
    }
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def _calls() -> Iterator[tuple[str, str]]:
    """Every verb of the command line that a page shows, with the rest of its line."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        yield from re.findall(r"bin/chatgpt-dingtalk +([a-z-]+)([^`\n]*)", text)
        yield from re.findall(r"`chatgpt-dingtalk ([a-z-]+)([^`\n]*)`", text)


@pytest.mark.parametrize("page", PAGES, ids=_called)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(HIDDEN.sub("", page.read_text(encoding="utf-8"))):
        there = (page.parent / target) if target else page
        assert there.exists(), target
        assert not anchor or anchor in _anchors(there), anchor


@pytest.mark.parametrize("page", PAGES, ids=_called)
def test_no_table_is_broken_in_two(page: Path) -> None:
    """What stands between two rows makes paragraphs of those below it."""
    reading = MarkdownIt("commonmark").enable("table")
    tokens = reading.parse(page.read_text(encoding="utf-8"))

    assert not [
        one.content for one in tokens if one.type == "inline" and one.content.startswith("|")
    ]


def test_every_page_of_the_docs_can_be_found() -> None:
    contents = _text("docs/README.md")
    decisions = _text("docs/decisions/README.md")

    assert all(page.name in contents for page in (ROOT / "docs").glob("*.md"))
    assert all(page.name in decisions for page in DECISIONS)


@pytest.mark.parametrize("snippet", _snippets("yaml"))
def test_every_configuration_that_is_shown_can_be_loaded(snippet: str, tmp_path: Path) -> None:
    file = tmp_path / "shown.yml"
    file.write_text(snippet, encoding="utf-8")

    if snippet.lstrip().startswith("# prompt.yml"):
        assert templates_in(file)
    else:
        assert load(file, environment=DUMMIES).file == file


def test_every_program_that_is_shown_is_python() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fenced = [program for kind, program in FENCE.findall(text) if kind == "python"]
        for program in [*fenced, *re.findall(r"bin/python -c '([^']*)'", text)]:
            compile(program, page.name, "exec")


@pytest.mark.parametrize("snippet", _snippets("sh"))
def test_every_command_that_is_shown_is_a_shells(snippet: str) -> None:
    checked = subprocess.run(["/bin/sh", "-n"], input=snippet, text=True, check=False)

    assert checked.returncode == 0


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_callback_that_is_shown_is_one(name: str) -> None:
    (body,) = re.findall(r"curl .*? -d '(.*?)'", _text(name), re.DOTALL)

    assert json.loads(body)
    assert read_callback(body.encode()).msg_id == "msg-1"


def test_every_verb_and_option_that_is_shown_exists() -> None:
    calls = list(_calls())

    assert calls
    for verb, rest in calls:
        command = main.get_command(click.Context(main), verb)
        assert command is not None, verb
        known = {name for one in command.params for name in one.opts} | {"--help"}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) <= known, (verb, rest)


def test_every_verb_is_shown() -> None:
    assert {verb for verb, _ in _calls()} == set(COMMANDS)


def test_every_make_target_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
    shown_targets = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:^|[`=]|… )make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE
        )
    }

    assert {"run", "test"} <= shown_targets
    assert shown_targets <= targets


def test_the_table_of_keys_is_complete_and_true() -> None:
    rows = {key: (default.strip(), live.strip()) for key, default, live in _configuration_rows()}

    assert rows == {
        key.name: (_default(key.default), "热" if key.live else "")
        for key in keys_of(Settings).values()
    }


def _configuration_rows() -> list[tuple[str, str, str]]:
    section = _text("docs/running.md").split('<a id="configuration"></a>')[1]
    return ROW.findall(section.split("<a id=")[0])


def _default(value: object) -> str:
    text = shown(value)
    return "–" if text == NOT_SET else f"`{text}`"


@pytest.mark.parametrize("key", keys_of(Settings).values(), ids=lambda key: key.name)
def test_variables_with_names_of_their_own_are_told(key: object) -> None:
    name, variable = getattr(key, "name", ""), getattr(key, "environment", "")

    assert variable == name.upper() or f"`{variable}`" in _text("docs/running.md")


@pytest.mark.parametrize("word", [word for word in EXACT if word])
def test_every_word_of_command_is_explained(word: str) -> None:
    assert f"`{word}`" in _text("docs/commands.md")
    assert word in _text("docs/glossary.md")


@pytest.mark.parametrize("command", get_args(Command), ids=lambda one: one.__name__)
def test_every_command_is_in_the_glossary(command: type[object]) -> None:
    assert re.search(rf"\b{command.__name__}`", _text("docs/glossary.md"))


def test_every_name_in_the_glossary_exists() -> None:
    names = re.findall(
        r"`((?:domain|application|adapters|entrypoints|dingtalk_simulator)\.[\w.]+)`",
        _text("docs/glossary.md"),
    )

    assert names
    for name in names:
        assert _exists(name), name


def _exists(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        path = SRC.joinpath(*parts[:size])
        if not path.with_suffix(".py").exists() and not (path / "__init__.py").exists():
            continue
        found: object = importlib.import_module(".".join(parts[:size]))
        for part in parts[size:]:
            fields = getattr(found, "__annotations__", {})
            if part not in fields and not hasattr(found, part):
                return False
            found = getattr(found, part, None)
        return True
    return False


@pytest.mark.parametrize("name", ["docs/tour.md", "CONTRIBUTING.md", "docs/README.md"])
def test_every_file_that_is_named_exists(name: str) -> None:
    files = [_called(path) for path in ROOT.rglob("*.py") if ".venv" not in path.parts]
    named = set(re.findall(r"[\w/]+\.py\b", _text(name)))

    missing = {one for one in named if not any(f"/{file}".endswith(f"/{one}") for file in files)}

    assert not missing - {"/chat.py"}


def test_every_event_of_the_log_is_explained() -> None:
    events = {
        event
        for module in SRC.rglob("*.py")
        for event in EVENT.findall(module.read_text(encoding="utf-8"))
    }
    page = _text("docs/running.md")

    assert len(events) > 1
    assert {event for event in events if f"`{event}`" not in page} == set()


def test_every_reason_of_a_decision_is_listed() -> None:
    reasons = {one.value for one in Refusal} | {
        one.__name__ for one in (*ModelFailure.__subclasses__(), *get_args(Command))
    }
    page = _text("docs/running.md")

    assert {one for one in reasons - {"Ask", "Draw"} if f"`{one}`" not in page} == set()


def test_the_changelog_has_a_place_for_what_comes() -> None:
    first = re.findall(r"^## (.*)$", _text("CHANGELOG.md"), re.MULTILINE)[0]

    assert first == "Unreleased"


@pytest.mark.parametrize("page", DECISIONS, ids=_called)
def test_every_decision_has_its_five_parts_and_is_short(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert text.startswith(f"# {page.name[:4]} · ")
    assert 20 <= text.count("\n") <= 45


@pytest.mark.parametrize("page", DECISIONS, ids=_called)
def test_what_enforces_a_decision_exists(page: Path) -> None:
    enforced = page.read_text(encoding="utf-8").partition("## Enforced by")[2]
    named = re.findall(r"`((?:tests|domain|src)/[\w/.]+)`", enforced)

    assert all((ROOT / one).exists() or (SRC / one).exists() for one in named)
