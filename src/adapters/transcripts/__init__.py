"""Transcripts: a person's history as a file to keep, in several formats."""

from collections.abc import Mapping

from adapters.transcripts.format import Format
from adapters.transcripts.markdown import MARKDOWN
from adapters.transcripts.records import JSON_LINES
from adapters.transcripts.tables import TABLE

FORMATS: Mapping[str, Format] = {"md": MARKDOWN, "csv": TABLE, "jsonl": JSON_LINES}

__all__ = ["FORMATS", "Format"]
