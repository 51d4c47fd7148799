"""CSV: every cell comes back as it was, and none of them is a formula."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transcripts import FORMATS
from adapters.transcripts.tables import BYTE_ORDER_MARK, COLUMNS, GUARD, harmless, row
from tests.unit.adapters.transcripts.people import RECORD, file_of, saying

TABLE = FORMATS["csv"]
MEAN_TEXTS = st.text("=+-@＝－＠\t\r\n \u3000\u200b\ufeff\"',;|a1张", max_size=8)


def read(text: str) -> list[list[str]]:
    """As a spreadsheet reads it."""
    return list(csv.reader(io.StringIO(text, newline="")))


def is_taken_for_a_formula(cell: str) -> bool:
    """The rule of spreadsheets, put another way than in the code: what comes first once blanks are gone."""
    bare = cell.lstrip("\t\r\n \u3000\u200b\ufeff")
    return cell[:1] in {"\t", "\r", "\n"} or bare[:1] in set("=+-@＝＋－＠")


@given(MEAN_TEXTS)
def test_no_cell_begins_a_formula(text: str) -> None:
    ((cell,),) = read(row([text]))

    assert not is_taken_for_a_formula(cell)


@given(st.lists(MEAN_TEXTS, min_size=1, max_size=4))
def test_every_cell_comes_back_whole_with_at_most_a_mark_before_it(texts: list[str]) -> None:
    (cells,) = read(row(texts))

    assert [
        cell.removeprefix(GUARD) if cell != text else cell
        for cell, text in zip(cells, texts, strict=True)
    ] == texts


@given(MEAN_TEXTS)
def test_a_cell_that_is_no_formula_is_left_alone(text: str) -> None:
    assert (harmless(text) == text) is not is_taken_for_a_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n1",
        " =1",
        "\u3000＝1",
        "﹢1",
        "\u22121",
        "\u200b=1",
        "\xa0@x",
    ],
)
def test_known_formulas_are_marked(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "a=1", "2026-01-01", "'=1", "，=1", "（=1）"])
def test_what_is_no_formula_is_not_marked(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.anyio
async def test_the_file_is_made_for_excel() -> None:
    text = await file_of(TABLE, [saying('他说"好"\n第二行', "=HYPERLINK(1)")])

    first, second = read(text.removeprefix(BYTE_ORDER_MARK))
    assert text.startswith(BYTE_ORDER_MARK)
    assert text.count("\r\n") == 2
    assert first == list(COLUMNS)
    assert second[:8] == [
        "2026-03-01T20:00:00+08:00",
        "张三",
        "zhang",
        "staff:zhang",
        "group",
        "",
        '他说"好"\n第二行',
        "'=HYPERLINK(1)",
    ]
    answered = ["answered", "answered", "", "openai", "gpt-4o", "3", "4", "250", "1500", "2"]
    assert second[8:] == [*answered, "main big: ModelGone (0.2 s); spare small: cooling_down"]


@pytest.mark.anyio
async def test_what_is_not_known_is_empty() -> None:
    unknown = replace(RECORD, first_token_after=None, thought_tokens=None, attempts=())
    text = await file_of(TABLE, [unknown])

    assert read(text)[1][-4:] == ["", "1500", "", ""]


@pytest.mark.anyio
async def test_nobody_s_file_has_headings_only() -> None:
    assert len(read(await file_of(TABLE, []))) == 1
