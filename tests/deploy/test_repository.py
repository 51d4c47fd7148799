"""What stands around the code: workflows, forms and pages that the host of the repository reads."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import ROOT, ran

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
DEPENDABOT = GITHUB / "dependabot.yml"
CHOOSER = GITHUB / "ISSUE_TEMPLATE" / "config.yml"
FORMS = sorted(set((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) - {CHOOSER})
EVERYTHING = sorted(path for path in GITHUB.rglob("*") if path.is_file())

SCHEMAS = {
    **dict.fromkeys(WORKFLOWS, "github-workflows"),
    **dict.fromkeys(FORMS, "github-issue-forms"),
    DEPENDABOT: "dependabot",
    CHOOSER: "github-issue-config",
}

WRITES = {
    ("release.yml", "attest"): {"id-token", "attestations"},
    ("release.yml", "publish"): {"contents"},
}
"""The jobs that may change anything, and what."""

PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
MAKE = re.compile(r"(?:^|\s)make ([a-z-]+)")
REGISTRIES = re.compile(r"pypi\.org|docker\.io|ghcr\.io|quay\.io|mirrors\.", re.IGNORECASE)

FIELDS = {
    "markdown": {"value"},
    "textarea": {"label"},
    "input": {"label"},
    "dropdown": {"label", "options"},
    "checkboxes": {"label", "options"},
}
"""Attributes that a form's field of each type needs."""

ASKED = {"version", "installed", "doctor"}
"""Fields of every form: without them an answer is a question back."""


def _called(path: Path) -> str:
    return str(path.relative_to(GITHUB))


def _read(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _jobs() -> list[Any]:
    """Each job of each workflow with the names of both."""
    return [
        pytest.param(path, name, job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for name, job in _read(path)["jobs"].items()
    ]


def _steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in _read(path)["jobs"].values() for step in job.get("steps", ())]


def _project() -> dict[str, Any]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    assert isinstance(project, dict)
    return project


def test_every_file_of_yaml_has_a_schema() -> None:
    assert set(SCHEMAS) == {path for path in EVERYTHING if path.suffix in {".yml", ".yaml"}}
    assert len(WORKFLOWS) >= 2
    assert len(FORMS) == 4


@pytest.mark.parametrize("path", SCHEMAS, ids=_called)
def test_it_is_what_its_schema_wants(path: Path) -> None:
    done = ran("check-jsonschema", "--builtin-schema", f"vendor.{SCHEMAS[path]}", path)

    assert done.returncode == 0, done.stdout


def test_the_linter_of_workflows_has_nothing_to_say() -> None:
    done = ran("zizmor", "--offline", "--no-progress", "--strict-collection", GITHUB)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=_called)
def test_a_workflow_may_nothing_by_itself_and_runs_once_at_a_time(path: Path) -> None:
    workflow = _read(path)

    assert workflow["name"]
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["group"]


def test_no_two_workflows_wait_for_one_another() -> None:
    groups = [_read(path)["concurrency"]["group"] for path in WORKFLOWS]

    assert len(set(groups)) == len(groups)


@pytest.mark.parametrize(("path", "name", "job"), _jobs())
def test_a_job_has_a_machine_steps_an_end_and_little_permission(
    path: Path, name: str, job: dict[str, Any]
) -> None:
    allowed = WRITES.get((path.name, name), set())

    assert {one for one, what in job["permissions"].items() if what == "write"} == allowed
    if "uses" in job:
        assert (ROOT / job["uses"]).is_file()
        return
    assert job["runs-on"].startswith("ubuntu-")
    assert 0 < job["timeout-minutes"] <= 60
    assert job["steps"]
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step)


@pytest.mark.parametrize(("path", "name", "job"), _jobs())
def test_a_job_waits_for_jobs_that_exist(path: Path, name: str, job: dict[str, Any]) -> None:
    needs = job.get("needs", [])
    needed = {needs} if isinstance(needs, str) else set(needs)

    assert needed <= set(_read(path)["jobs"]) - {name}


@pytest.mark.parametrize("path", WORKFLOWS, ids=_called)
def test_an_action_is_one_commit_and_leaves_no_token_behind(path: Path) -> None:
    used = [step for step in _steps(path) if "uses" in step]

    assert used
    for step in used:
        assert PINNED.fullmatch(step["uses"]), step["uses"]
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_every_workflow_takes_the_same_commit_of_an_action() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in _steps(path) if "uses" in step}

    assert [
        name for name, n in Counter(one.partition("@")[0] for one in used).items() if n > 1
    ] == []


def test_every_make_target_that_is_run_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    runs = {
        path.name: " ".join(step.get("run", "") + "\n" for step in _steps(path))
        for path in WORKFLOWS
    }
    named = {name: set(MAKE.findall(text)) for name, text in runs.items()}

    assert named == {"ci.yml": {"check", "image-check"}, "release.yml": {"dist", "image-check"}}
    assert set.union(*named.values()) <= targets


def test_the_checks_run_on_every_python_that_is_named() -> None:
    project = _project()
    named = [
        found[1]
        for one in project["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", one))
    ]
    jobs = _read(GITHUB / "workflows" / "ci.yml")["jobs"]

    assert jobs["check"]["strategy"]["matrix"]["python"] == named
    assert project["requires-python"] == f">={named[0]}"


def test_the_release_is_built_by_a_python_that_is_tested_as_the_image_is() -> None:
    steps = _steps(GITHUB / "workflows" / "release.yml")
    (python,) = [
        one["with"]["python-version"] for one in steps if "setup-python" in one.get("uses", "")
    ]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert f"BASE_IMAGE=python:{python}-" in dockerfile
    assert f"Programming Language :: Python :: {python}" in _project()["classifiers"]


def test_the_image_is_called_by_the_version_of_the_project() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert f"ARG VERSION={_project()['version']}\n" in dockerfile


def test_updates_are_looked_for_where_something_is_pinned() -> None:
    watched = {(one["package-ecosystem"], one["directory"]) for one in _read(DEPENDABOT)["updates"]}

    assert watched == {("pip", "/requirements"), ("github-actions", "/"), ("docker", "/")}
    assert list((ROOT / "requirements").glob("*.txt"))
    assert (ROOT / "Dockerfile").is_file()


@pytest.mark.parametrize("path", FORMS, ids=_called)
def test_a_form_has_what_it_needs(path: Path) -> None:
    form = _read(path)
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    labels = [field["attributes"]["label"] for field in form["body"] if "id" in field]

    assert form["name"]
    assert form["description"]
    assert len(ids) == len(set(ids))
    assert len(labels) == len(set(labels))
    assert set(ids) >= ASKED
    for field in form["body"]:
        assert set(field["attributes"]) >= FIELDS[field["type"]]
        if field["type"] == "dropdown":
            options = field["attributes"]["options"]
            assert len(options) == len(set(options))
        if field["type"] == "checkboxes":
            assert all(one["label"] for one in field["attributes"]["options"])


@pytest.mark.parametrize("path", FORMS, ids=_called)
def test_a_form_begins_with_a_warning_not_to_paste_secrets(path: Path) -> None:
    first = _read(path)["body"][0]

    assert first["type"] == "markdown"
    assert re.match(r"\*\*(请勿粘贴密钥|Do not paste secrets)", first["attributes"]["value"])


def test_forms_come_in_pairs_one_a_language() -> None:
    def shape(path: Path) -> list[tuple[str, str, int]]:
        return [
            (
                field["type"],
                field.get("id", ""),
                len(field["attributes"].get("options", ())),
            )
            for field in _read(path)["body"]
        ]

    chinese = [path for path in FORMS if path.stem.endswith("-zh")]
    english = [path for path in FORMS if path.stem.endswith("-en")]

    assert [shape(path) for path in chinese] == [shape(path) for path in english]
    assert len({_read(path)["name"] for path in FORMS}) == len(FORMS)
    for path in FORMS:
        text = path.read_text(encoding="utf-8")
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (path in chinese)


@pytest.mark.parametrize("path", EVERYTHING, ids=_called)
def test_nothing_names_a_registry_or_a_place_on_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not REGISTRIES.search(text)
    assert not re.search(r"(?<![\w.])/(?:home|root|Users|work|tmp|mnt)/", text)


def test_the_pages_that_people_look_for_are_there_and_linked() -> None:
    pages = {
        "README.md": ("SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "LICENSE"),
        "README.zh-CN.md": (
            "SECURITY.zh-CN.md",
            "CODE_OF_CONDUCT.md",
            "CONTRIBUTING.md",
            "LICENSE",
        ),
    }

    for page, linked in pages.items():
        end = (ROOT / page).read_text(encoding="utf-8").rpartition("\n## ")[2]
        for name in linked:
            assert (ROOT / name).is_file()
            assert f"]({name})" in end


def test_both_pages_on_security_say_the_same_things() -> None:
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("SECURITY.md", "SECURITY.zh-CN.md")
    )

    for mark in (r"^#+ ", r"^- ", r"^- \*\*"):
        assert len(re.findall(mark, english, re.MULTILINE)) == len(
            re.findall(mark, chinese, re.MULTILINE)
        )
    assert set(re.findall(r"`(\w+)`", english)) == set(re.findall(r"`(\w+)`", chinese))
