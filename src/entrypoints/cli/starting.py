"""What signals mean to a command that will run on, while it still starts."""

import os
import signal


def hear_signals_while_starting() -> None:
    """SIGTERM ends it well: nothing is accepted yet, so there is nothing to finish. A reload changes nothing.

    The first process of a container is not ended by a signal that it has not asked for.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
