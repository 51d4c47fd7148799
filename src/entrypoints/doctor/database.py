"""The database: opens, and has the schema of this version."""

import asyncio
from collections.abc import AsyncIterator

from adapters.sql.engine.sqlite import file_of
from adapters.sql.schema import NEWEST, is_known, revision_now
from application.errors import StorageFailed
from entrypoints.doctor.finding import Finding
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import DATABASE_AWAY, DATABASE_NEWER, DATABASE_OLDER
from entrypoints.storage import storage_url

HOP = "database"


async def database(patient: Patient) -> AsyncIterator[Finding]:
    """A file that is not there yet is made by the first start."""
    url = storage_url(patient.settings)
    file = file_of(url)
    kind = "PostgreSQL" if file is None else f"SQLite {file}"
    if file is not None and not file.exists():
        yield Finding(hop=HOP, fact=f"{kind}: -")
        return
    try:
        revision = await asyncio.to_thread(revision_now, url)
    except StorageFailed as failure:
        yield Finding(hop=HOP, trouble=DATABASE_AWAY, fact=f"{kind}: {failure}")
        return
    trouble = None
    if revision != NEWEST:
        trouble = DATABASE_OLDER if is_known(revision) else DATABASE_NEWER
    yield Finding(hop=HOP, trouble=trouble, fact=f"{kind}, schema {revision or '-'}")
