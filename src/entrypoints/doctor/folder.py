"""The data directory: there, ours, private, with room."""

import os
import shutil
from collections.abc import AsyncIterator

from entrypoints.doctor.finding import Finding
from entrypoints.doctor.patient import Patient
from entrypoints.doctor.troubles import DISK_FULL, FOLDER_OPEN, FOLDER_UNUSABLE

HOP = "data_dir"
OTHERS = 0o077
LITTLE = 200 * 1024 * 1024


async def folder(patient: Patient) -> AsyncIterator[Finding]:
    """The nearest folder that is there must let this account write."""
    place = patient.settings.data_dir.absolute()
    there = next(one for one in (place, *place.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(hop=HOP, trouble=FOLDER_UNUSABLE, fact=f"{there}, uid {os.getuid()}")
        return
    if there == place and place.stat().st_mode & OTHERS:
        yield Finding(hop=HOP, trouble=FOLDER_OPEN, fact=str(place))
    free = shutil.disk_usage(there).free
    room = f"{free / 1024**3:.1f} GiB"
    trouble = DISK_FULL if free < LITTLE else None
    yield Finding(hop=HOP, trouble=trouble, fact=f"{place}, {room}")
