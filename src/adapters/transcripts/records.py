"""Transcripts for programs: one JSON object a line, which gives back exactly what was kept."""

import re
from dataclasses import fields
from zoneinfo import ZoneInfo

import msgspec

from adapters.transcripts.format import Format, without_title
from domain.history import Person, Record

NAMES = tuple(field.name for field in fields(Record))

OTHER_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Programs that split a text into lines may do it at these; JSON may hold them as they are."""


def entry(record: Record, person: Person, zone: ZoneInfo, _pictures: str = "") -> str:
    whose = {"person": person.shown_key, "staff_id": person.staff_id}
    told = {name: getattr(record, name) for name in NAMES}
    told["asked_at"] = record.asked_at.astimezone(zone)
    line = msgspec.json.encode(whose | told).decode()
    return OTHER_LINE_BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n"


JSON_LINES = Format(
    media_type="application/x-ndjson; charset=utf-8",
    suffix=".jsonl",
    title=without_title,
    entry=entry,
)
