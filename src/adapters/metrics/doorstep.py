"""The doorstep, with what comes in counted."""

import time
from dataclasses import dataclass

from adapters.metrics.instruments import Instruments
from application.ports import Acceptance, Arrival, Doorstep

NOT_STORED = "not_stored"


@dataclass(frozen=True, slots=True)
class CountedDoorstep:
    """Satisfies `Doorstep`."""

    doorstep: Doorstep
    instruments: Instruments

    async def accept(self, arrival: Arrival) -> Acceptance:
        began, became = time.perf_counter(), NOT_STORED
        try:
            acceptance = await self.doorstep.accept(arrival)
            became = acceptance.value
        finally:
            # Also where the door gave up waiting: then it is not known to be stored.
            self.instruments.received.labels(became).inc()
            self.instruments.storing.observe(time.perf_counter() - began)
        return acceptance
