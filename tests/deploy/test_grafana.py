"""The dashboard asks for what the service counts, and for all of it."""

import json
import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from adapters.metrics.instruments import PREFIX, Instruments

DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "chatgpt-dingtalk.json"
NAME = re.compile(rf"\b{PREFIX}_\w+")
SELECTED = re.compile(rf"({PREFIX}_\w+)(?!\w)(?!{{job=~\"\$job\"}})")


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def counted() -> dict[str, set[str]]:
    """The families by name, with the names of their samples."""
    instruments = Instruments(CollectorRegistry())
    instruments.received.labels("x")
    instruments.decided.labels("x", "x")
    instruments.delivered.labels("x", "x")
    instruments.first_piece.labels("x")
    instruments.model_failures.labels("x", "x")
    instruments.tokens.labels("x", "x")
    instruments.requests_refused.labels("x")
    instruments.callback_errors.labels("x")
    instruments.breaker_state.labels("x", "x")
    instruments.last_failure.labels("x", "x", "x")
    instruments.model_warnings.labels("x", "x", "x")
    return {
        family.name: {sample.name for sample in family.samples}
        for family in instruments.registry.collect()
    }


def test_every_name_in_a_query_is_counted() -> None:
    known = set().union(*counted().values())

    asked = {name for query in queries() for name in NAME.findall(query)}

    assert asked
    assert asked <= known


def test_everything_that_is_counted_is_shown() -> None:
    asked = {name for query in queries() for name in NAME.findall(query)}

    assert [family for family, samples in counted().items() if not samples & asked] == []


def test_every_query_keeps_to_the_chosen_job() -> None:
    assert [query for query in queries() if SELECTED.search(query)] == []


def test_a_query_groups_by_labels_that_its_metric_has() -> None:
    labels = {
        "messages_received_total": {"acceptance"},
        "messages_decided_total": {"state", "reason"},
        "acceptance_seconds_bucket": {"le"},
        "first_piece_seconds_bucket": {"le", "provider"},
        "model_failures_total": {"provider", "kind"},
        "model_tokens_total": {"provider", "direction"},
        "deliveries_total": {"result", "code"},
        "provider_breaker": {"provider", "use"},
        "provider_last_failure_timestamp_seconds": {"provider", "use", "kind"},
        "model_warnings": {"provider", "purpose", "problem"},
        "requests_refused_total": {"event"},
        "callback_errors_total": {"code"},
    }
    grouped = [query for query in queries() if " by (" in query]

    for query in grouped:
        (name,) = NAME.findall(query)
        found = re.search(r"(?:sum|max) by \(([^)]*)\)", query)
        assert found is not None
        assert set(found[1].split(", ")) == labels[name.removeprefix(f"{PREFIX}_")]
