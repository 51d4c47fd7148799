"""`make bench`: every measurement, one after the other."""

import os

from benchmarks import acceptance, questions

# The servers have the first core for themselves; load and fakes share the others.
os.sched_setaffinity(0, os.sched_getaffinity(0) - {0} or {0})

acceptance.measure()
questions.measure()
