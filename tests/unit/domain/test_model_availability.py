"""Which configured models are warned of, and as what."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model_availability import (
    NOTICE_PERIOD,
    Availability,
    ConfiguredModel,
    ListedModel,
    ModelPurpose,
    ModelWarning,
    canonical,
    model_warning,
)
from domain.model_shutdowns import BY_DAY, KNOWN_SHUTDOWNS

TODAY = date(2026, 11, 29)

names = st.text("ab-:", min_size=1, max_size=5).filter(lambda name: bool(canonical(name)))
days = st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400))
entries = st.builds(ListedModel, name=names, shutdown=st.none() | days, is_deprecated=st.booleans())


def warning(
    model: str,
    *listed: ListedModel | str,
    known: dict[str, date] | None = None,
    today: date = TODAY,
) -> ModelWarning | None:
    return model_warning(
        ConfiguredModel(provider="main", purpose=ModelPurpose.CHAT, name=model),
        [ListedModel(name=one) if isinstance(one, str) else one for one in listed] or None,
        today=today,
        known=known or {},
    )


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("gpt-x", "gpt-x"),
        ("GPT-X", "gpt-x"),
        (" gpt-x ", "gpt-x"),
        ("qwen3", "qwen3:latest"),
        ("qwen3:latest", "qwen3"),
        ("qwen3:8b", "qwen3:8b"),
        ("gemini-3-flash", "models/gemini-3-flash"),
        ("models/gemini-3-flash", "gemini-3-flash"),
        ("claude-opus-4-5", "claude-opus-4-5-20251101"),
        ("claude-opus-latest", "claude-opus-20251101"),
        ("gpt-x", "gpt-x-2026-08-07"),
        ("kimi-k2", "kimi-k2-0905"),
        ("vendor/model:online", "vendor/model"),
        ("vendor/model:free", "vendor/model:free"),
        ("gpt-4-gizmo-abc", "gpt-4-gizmo-*"),
        ("ep-20260101-abcde", "doubao-seed"),
    ],
)
def test_a_model_under_another_of_its_names_is_offered(model: str, listed: str) -> None:
    assert warning(model, "another", listed) is None


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("qwen3:8b", "qwen3:4b"),
        ("qwen3:8b", "qwen3:latest"),
        ("gpt-x-mini", "gpt-x"),
        ("gpt-x", "gpt-x-mini"),
        ("gpt-x", "gpt-x-pro-2026-01-01"),
        ("model:free", "vendor/model:free"),
    ],
)
def test_another_model_is_not_taken_for_it(model: str, listed: str) -> None:
    found = warning(model, listed)

    assert found
    assert found.problem is Availability.NOT_OFFERED


def test_the_closest_names_are_suggested_as_they_are_listed() -> None:
    found = warning("deepsek-v4", "DeepSeek-V4-Flash", "deepseek-v4", "gpt-x")

    assert found
    assert found.suggestions[0] == "deepseek-v4"
    assert "gpt-x" not in found.suggestions


@pytest.mark.parametrize(
    ("ahead", "problem"),
    [
        (NOTICE_PERIOD + timedelta(days=1), None),
        (NOTICE_PERIOD, Availability.SHUTTING_DOWN),
        (timedelta(days=1), Availability.SHUTTING_DOWN),
        (timedelta(0), Availability.SHUT_DOWN),
        (-timedelta(days=9), Availability.SHUT_DOWN),
    ],
)
def test_a_shutdown_is_told_by_its_day(ahead: timedelta, problem: Availability | None) -> None:
    by_list = warning("a", ListedModel(name="a", shutdown=TODAY + ahead))
    by_table = warning("A", known={"a": TODAY + ahead})

    assert (by_list.problem if by_list else None) is problem
    assert (by_table.problem if by_table else None) is problem
    if by_list:
        assert by_list.day == TODAY + ahead


def test_the_list_comes_before_what_is_known_here() -> None:
    known = {"a": TODAY - timedelta(days=9), "gone": TODAY - timedelta(days=9)}

    assert warning("a", "a", known=known) is None
    late = warning("a", ListedModel(name="a", shutdown=TODAY + timedelta(days=5)), known=known)
    assert late
    assert late.day == TODAY + timedelta(days=5)
    gone = warning("gone", "a", known=known)
    assert gone
    assert gone.problem is Availability.SHUT_DOWN


def test_a_deprecated_model_without_a_day_is_told() -> None:
    found = warning("a", ListedModel(name="a", is_deprecated=True))

    assert found
    assert (found.problem, found.day) == (Availability.DEPRECATED, None)


@given(model=names, listed=st.lists(entries, min_size=1, max_size=4), today=days)
def test_every_warning_is_true_of_the_list(
    model: str, listed: list[ListedModel], today: date
) -> None:
    found = warning(model, *listed, today=today)

    under_its_name = [one for one in listed if canonical(one.name) == canonical(model)]
    if found is None:
        return
    match found.problem:
        case Availability.NOT_OFFERED:
            assert not under_its_name
        case Availability.SHUT_DOWN:
            assert found.day
            assert found.day <= today
        case Availability.SHUTTING_DOWN:
            assert found.day
            assert today < found.day <= today + NOTICE_PERIOD
        case Availability.DEPRECATED:
            assert any(one.is_deprecated for one in listed)
    assert set(found.suggestions) <= {one.name for one in listed}


@given(model=names)
def test_a_provider_that_tells_no_models_is_not_warned_of(model: str) -> None:
    assert warning(model) is None


def test_the_table_of_shutdowns_has_every_name_once_as_it_is_compared() -> None:
    assert len(KNOWN_SHUTDOWNS) == sum(len(one) for one in BY_DAY.values())
    assert all(canonical(name) == name for name in KNOWN_SHUTDOWNS)
    assert KNOWN_SHUTDOWNS["gpt-4o"] == date(2027, 1, 14)
