"""What the other tests stand on: a service that starts, whoever took its port before it did."""

import socket
from pathlib import Path

import pytest

from tests.service.running import HOST, RunningService


@pytest.mark.parametrize("variable", [True, False], ids=["by a variable", "by the file"])
def test_a_service_whose_port_was_taken_starts_on_another(folder: Path, *, variable: bool) -> None:
    with socket.socket() as rival:
        rival.bind((HOST, 0))
        port = int(rival.getsockname()[1])
        service = (
            RunningService(
                folder=folder, arguments=("--trial",), variables={"PORT": str(port)}, port=port
            )
            if variable
            else RunningService(
                folder=folder, config={"api_key": "sk-something", "model": "m"}, port=port
            )
        )
        with service:
            assert service.port != port
            assert service.readiness()["ready"]
