"""What robots sent lately, as far as it decides whether they may send more."""

from dingtalk_simulator.world.shelf import Shelf

MOST_KEPT = 2000


class Sends:
    """Times of the last sends of somebody, until when somebody rests, and `msgUuid`s that were said."""

    def __init__(self) -> None:
        self.recent: Shelf[str, list[int]] = Shelf(MOST_KEPT)
        self.resting: Shelf[str, int] = Shelf(MOST_KEPT)
        self.uuids: Shelf[tuple[str, str], str] = Shelf(MOST_KEPT)
