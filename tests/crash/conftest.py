"""What the crash tests share."""

import subprocess
from pathlib import Path

import pytest

from tests.crash.ground import DATABASE, LONG
from tests.crash.service import PROGRAM


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema and nothing in it, made once."""
    folder = tmp_path_factory.mktemp("template")
    config = folder / "config.yml"
    config.write_text(f'{{"api_key": "k", "data_dir": "{folder}"}}')
    subprocess.run([PROGRAM, "migrate", "--config", config], check=True, timeout=60)  # noqa: S603 - our own program
    return folder / DATABASE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones run with `make crash` only."""
    chosen = [item for item in items if LONG or item.get_closest_marker("long") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
