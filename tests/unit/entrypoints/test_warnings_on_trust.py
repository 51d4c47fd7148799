"""Who is let in without a signature is said where that is so, and nowhere else."""

import pytest

from entrypoints.cli.serve import welcome
from entrypoints.settings import load
from entrypoints.settings.notes import warnings_on
from entrypoints.settings.texts import Text, say

ROBOTS = [
    {"APP_SECRETS": "secret-1"},
    {"DINGTALK_CREDENTIALS": "ding1:secret-1"},
    {"OUTGOING_TOKENS": "token-1"},
]


@pytest.mark.parametrize("robot", ROBOTS, ids=lambda robot: next(iter(robot)))
@pytest.mark.parametrize("allowed", ["true", "false"])
def test_where_a_secret_is_set_there_is_no_warning(robot: dict[str, str], allowed: str) -> None:
    loaded = load(environment={"APIKEY": "sk-1", "MODEL": "m", "ALLOW_UNSIGNED": allowed, **robot})

    assert not list(warnings_on(loaded))
    assert "!!" not in welcome(loaded, trial=False)


@pytest.mark.parametrize(
    ("allowed", "warning"), [("true", say("unsigned")), ("false", say("open"))]
)
def test_where_none_is_set_there_is_one_wherever_the_operator_looks(
    allowed: str, warning: Text
) -> None:
    loaded = load(environment={"APIKEY": "sk-1", "MODEL": "m", "ALLOW_UNSIGNED": allowed})

    assert list(warnings_on(loaded)) == [warning]
    assert f"!! {warning.told('zh')}" in welcome(loaded, trial=False)
