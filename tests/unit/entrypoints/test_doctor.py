"""What the doctor can say is in the documents, in both languages."""

from pathlib import Path

import pytest
import rich_click as click

from entrypoints.cli.doctor import coloured
from entrypoints.doctor import model_troubles, troubles
from entrypoints.doctor.finding import ALL, Verdict

RUNNING = Path(__file__).parents[3] / "docs" / "running.md"


DECLARED_IN = (troubles, model_troubles)


def test_everything_that_can_be_told_is_in_the_table_of_troubles() -> None:
    rows = {
        f"| `{code}` | {one.told.zh} · {one.told.en} | {one.mend.zh} · {one.mend.en} |"
        for code, one in ALL.items()
    }

    table = [line for line in RUNNING.read_text(encoding="utf-8").splitlines() if line in rows]

    assert sorted(table) == sorted(rows)


def test_only_what_can_be_mended_is_a_failure() -> None:
    for one in ALL.values():
        assert one.mend.zh
        assert one.mend.en
        assert one.verdict is not Verdict.WELL


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("[ ok ] x", "\x1b[32m"),
        ("[warn] x", "\x1b[33m"),
        ("[FAIL] x", "\x1b[31m"),
        ("  [FAIL]", ""),
    ],
)
def test_the_mark_of_a_finding_has_the_colour_of_its_verdict(line: str, code: str) -> None:
    shown = coloured(line)

    assert click.unstyle(shown) == line
    assert shown.startswith(code)
