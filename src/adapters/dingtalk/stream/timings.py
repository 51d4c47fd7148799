"""How long each thing of stream mode may take, and how long to wait between two tries."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """The defaults suit DingTalk; tests are less patient."""

    opening: timedelta = timedelta(seconds=10)
    """For the request that gives a ticket."""
    handshake: timedelta = timedelta(seconds=10)
    """From there to an open websocket."""
    silence: timedelta = timedelta(seconds=150)
    """Without a frame for so long a websocket is taken for dead; DingTalk's pings come every 20 to 30 s."""
    ping_interval: timedelta = timedelta(seconds=30)
    """Between pings of the websocket itself; shorter ones are known to break poor lines."""
    ping_patience: timedelta = timedelta(seconds=60)
    sending: timedelta = timedelta(seconds=5)
    """For one acknowledgement to be taken by the other end."""
    linger: timedelta = timedelta(seconds=12)
    """How long an announced end is waited for; DingTalk closes after about 10 s."""
    finishing: timedelta = timedelta(seconds=3)
    """What frames under way have when a websocket is closed."""
    closing: timedelta = timedelta(seconds=1)
    """For the other end to agree to the close."""
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(seconds=60)
    refused_pause: timedelta = timedelta(seconds=60)
    """Between tries that DingTalk refuses, which only a person can change."""
    steady: timedelta = timedelta(seconds=10)
    """A websocket that ends sooner counts as a failed try, so that no server can make this one spin."""


TIMINGS = Timings()
