"""Where the service does not begin, and why; and how it ends before it has begun."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.running import PROGRAM, RunningService, environment, eventually, free_port, run


def test_a_second_process_on_the_same_data_refuses_to_start(
    service: RunningService, folder: Path
) -> None:
    (folder / "config.yml").write_text(
        f"api_key: sk-second\nmodel: m\nport: {free_port()}\ndata_dir: {service.folder / 'data'}\n",
        encoding="utf-8",
    )

    refused = run("serve", "--config", "config.yml", folder=folder)

    assert refused.status == 1
    assert "another process serves this database already" in refused.err
    assert "Traceback" not in refused.err


def test_where_the_port_is_taken_it_says_so(service: RunningService, folder: Path) -> None:
    (folder / "config.yml").write_text(
        f"api_key: sk-second\nmodel: m\nhost: 127.0.0.1\nport: {service.port}\n", encoding="utf-8"
    )

    refused = run("serve", "--config", "config.yml", folder=folder)

    assert refused.status == 1
    assert f"无法监听 127.0.0.1:{service.port}（" in refused.err
    assert "Traceback" not in refused.err
    assert not (folder / "data").exists()


@pytest.fixture
def waiting(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A service that does not get beyond its start: its database does not answer."""
    nowhere = f"postgresql://robot:secret@127.0.0.1:{free_port()}/robot"
    config = (
        f"api_key: sk-1\nmodel: m\nhost: 127.0.0.1\nport: {free_port()}\ndatabase_url: {nowhere}\n"
    )
    (folder / "config.yml").write_text(config, encoding="utf-8")
    with (folder / "stderr").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the program under test
            [PROGRAM, "serve"], cwd=folder, env=environment(), stderr=log
        )
    try:
        eventually(lambda: b"database_awaited" in (folder / "stderr").read_bytes())
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_ends_well_when_it_is_stopped_while_it_starts(
    waiting: subprocess.Popen[bytes],
) -> None:
    """The first process of a container would not hear SIGTERM at all if it had not asked to."""
    waiting.send_signal(signal.SIGTERM)

    assert waiting.wait(5) == 0


def test_a_reload_while_it_starts_does_not_end_it(waiting: subprocess.Popen[bytes]) -> None:
    waiting.send_signal(signal.SIGHUP)

    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1)
