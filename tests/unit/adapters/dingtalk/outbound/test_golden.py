"""Whole answers, and how they are to look. `golden/x.md` becomes `golden/x.expected.md`."""

from pathlib import Path

import pytest

from adapters.dingtalk.markdown.rendering import render

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = sorted(path for path in GOLDEN.glob("*.md") if not path.stem.endswith(".expected"))


def test_there_are_answers_to_compare() -> None:
    assert len(ANSWERS) >= 15


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_looks_as_it_was_approved(path: Path) -> None:
    answer = path.read_bytes().decode()
    expected = (GOLDEN / f"{path.stem}.expected.md").read_bytes().decode()

    assert render(answer, image_hosts={"images.example"}) == expected
