"""Values of labels that come from outside, kept few: each new one is a new series for ever."""

from dataclasses import dataclass, field

MOST = 40
OTHER = "other"


@dataclass(slots=True)
class FewLabels:
    """The first `most` values are themselves, all later ones are `other`."""

    most: int = MOST
    _known: set[str] = field(default_factory=set)

    def __call__(self, value: str) -> str:
        if value in self._known:
            return value
        if len(self._known) >= self.most:
            return OTHER
        self._known.add(value)
        return value
