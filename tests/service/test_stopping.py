"""Where the service does not begin, and why."""

from pathlib import Path

from tests.service.running import RunningService, free_port, run


def test_a_second_process_on_the_same_data_refuses_to_start(
    service: RunningService, folder: Path
) -> None:
    (folder / "config.yml").write_text(
        f"api_key: sk-second\nport: {free_port()}\ndata_dir: {service.folder / 'data'}\n",
        encoding="utf-8",
    )

    refused = run("serve", "--config", "config.yml", folder=folder)

    assert refused.status == 1
    assert "another process serves this database already" in refused.err
    assert "Traceback" not in refused.err


def test_where_the_port_is_taken_it_says_so(service: RunningService, folder: Path) -> None:
    (folder / "config.yml").write_text(
        f"api_key: sk-second\nhost: 127.0.0.1\nport: {service.port}\n", encoding="utf-8"
    )

    refused = run("serve", "--config", "config.yml", folder=folder)

    assert refused.status == 1
    assert refused.err.startswith(f"Cannot listen on 127.0.0.1:{service.port} ")
    assert "Traceback" not in refused.err
    assert not (folder / "data").exists()
