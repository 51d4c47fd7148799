"""The table of fail-over in the documentation is the one that the service goes by."""

from pathlib import Path

from application.errors import ModelFailure
from application.wording import CHINESE
from domain.failover import RULES, Alert, FailureKind, FailureRule
from entrypoints.settings.display import shown

PAGE = Path(__file__).parents[2] / "docs" / "failover.md"


def row_of(kind: FailureKind, rule: FailureRule) -> str:
    cool_down = rule.cool_down
    lengths = f"{shown(cool_down.shortest)} – {shown(cool_down.longest)}" if cool_down else "–"
    alert = "–" if rule.alert is Alert.NONE else rule.alert.value
    retry = "✓" if rule.retry else "–"
    (failure,) = (one for one in ModelFailure.__subclasses__() if one.kind is kind)
    sentence = CHINESE.failures[failure]
    return f"| `{kind.value}` | {retry} | {rule.next.value} | {lengths} | {alert} | {sentence} |"


def test_the_page_has_the_table_that_the_service_goes_by() -> None:
    rows = [row_of(kind, rule) for kind, rule in RULES.items()]

    written = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert written == rows


def test_every_failure_is_of_a_kind_of_its_own() -> None:
    assert {one.kind.value: one.__name__ for one in ModelFailure.__subclasses__()} == {
        kind.value: kind.value for kind in FailureKind
    }
