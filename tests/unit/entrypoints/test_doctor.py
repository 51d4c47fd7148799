"""What the doctor can say is in the documents, in both languages."""

from pathlib import Path

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
