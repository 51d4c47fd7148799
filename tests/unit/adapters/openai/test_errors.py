"""An error is read whatever its make."""

import pytest

from adapters.openai.errors import failure_of, provider_error_in
from application.errors import ModelUnavailable


def nested(depth: int = 100_000) -> object:
    """Lists within lists, deeper than Python can print."""
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("name", ["message", "code", "type", "param", "other"])
def test_an_error_too_deep_to_print_still_counts(name: str) -> None:
    error = provider_error_in({name: nested()})

    assert isinstance(failure_of(error), ModelUnavailable)
