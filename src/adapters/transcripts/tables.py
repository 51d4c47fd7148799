"""Transcripts as CSV for spreadsheets, in which no cell is ever a formula."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from adapters.transcripts.format import Format, attempts_of, moment_in, without_title
from domain.history import Person, Record

BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that the file is UTF-8."""

GUARD = "'"
"""Before a cell it makes spreadsheets take the rest as text."""

FORMULA_SIGNS = frozenset("=+-@\u2212")
"""What a formula may begin with, also in the wide and small forms; the last is the minus sign proper."""

CELL_BREAKS = ("\t", "\r", "\n")

MILLISECOND = timedelta(milliseconds=1)

COLUMNS = (
    "时间 time",
    "昵称 nickname",
    "工号 staff id",
    "人员 person",
    "场所 room",
    "群名 group",
    "问题 question",
    "回答 answer",
    "结果 outcome",
    "原因 reason",
    "图片 picture",
    "服务商 provider",
    "模型 model",
    "提问用量 prompt tokens",
    "回答用量 answer tokens",
    "首字毫秒 first token ms",
    "用时毫秒 duration ms",
    "思考用量 thought tokens",
    "尝试 attempts",
)


def harmless(cell: str) -> str:
    """The cell, with a mark before it if a spreadsheet could take it for a formula."""
    return GUARD + cell if _looks_like_a_formula(cell) else cell


def _looks_like_a_formula(cell: str) -> bool:
    if cell.startswith(CELL_BREAKS):
        return True
    for character in cell:
        plain = unicodedata.normalize("NFKC", character)
        if not _is_invisible(character):
            return plain[:1] in FORMULA_SIGNS
    return False


def _is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Zs"}


def row(cells: Sequence[str]) -> str:
    """One line, every cell in quotes, whatever breaks it holds."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(
        harmless(cell) for cell in cells
    )
    return line.getvalue()


def entry(record: Record, person: Person, zone: ZoneInfo, _pictures: str = "") -> str:
    first = record.first_token_after
    return row(
        (
            moment_in(zone, record),
            record.nick,
            person.staff_id or "",
            person.shown_key,
            record.room_kind.value,
            record.room_title,
            record.question,
            record.answer,
            record.state.value,
            record.reason,
            record.picture,
            record.provider,
            record.model,
            str(record.prompt_tokens),
            str(record.answer_tokens),
            "" if first is None else str(first // MILLISECOND),
            str(record.took // MILLISECOND),
            "" if record.thought_tokens is None else str(record.thought_tokens),
            attempts_of(record),
        )
    )


TABLE = Format(
    media_type="text/csv; charset=utf-8",
    suffix=".csv",
    head=BYTE_ORDER_MARK + row(COLUMNS),
    title=without_title,
    entry=entry,
)
