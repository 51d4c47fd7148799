"""The end of a process that has closed everything."""

import subprocess
import sys

LINGERING = """
import threading, time
from entrypoints.cli.serve import leave_within

threading.Thread(target=time.sleep, args=(60,)).start()
leave_within({seconds})
"""


def test_nobody_keeps_a_process_that_has_done_its_work() -> None:
    program = [sys.executable, "-c", LINGERING.format(seconds=0.2)]

    done = subprocess.run(program, timeout=20, check=False, capture_output=True)  # noqa: S603 - our own words

    assert (done.returncode, done.stderr) == (0, b"")
