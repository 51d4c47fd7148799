"""What is made ready before anything else starts, and what the operator hears of it."""

import logging
from pathlib import Path

import pytest

from application.errors import StorageFailed
from entrypoints.settings import Settings, load
from entrypoints.storage import migrated, prepared_storage


def settings_in(folder: Path) -> Settings:
    environment = {
        "APIKEY": "sk-a1b2c3d4",
        "MODEL": "m",
        "APP_SECRETS": "a1b2c3d4e5",
        "DATA_DIR": str(folder),
    }
    return load(environment=environment).settings


def warned(folder: Path, caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    with caplog.at_level(logging.WARNING), prepared_storage(settings_in(folder)):
        return [(one.msg, vars(one)["data_dir"]) for one in caplog.records]


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o770])
def test_a_data_directory_that_others_may_open_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)

    assert warned(folder, caplog) == [("data_dir_readable_by_others", str(folder))]


def test_a_data_directory_that_is_made_here_is_private(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"

    assert warned(folder, caplog) == []
    assert warned(folder, caplog) == []


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(StorageFailed, match=f"{file} cannot be used .*`data_dir`"):
        migrated(settings_in(file))
