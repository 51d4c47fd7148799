"""`send` finds its service and tells a reply from silence."""

from queue import Queue

import pytest
from click.exceptions import Exit

from entrypoints.cli.send import QUIET_AFTER_REPLY, parts_of_reply, service_address
from entrypoints.settings import load


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:9000/"),  # noqa: S104 - an example, nothing listens
        ("127.0.0.1", "http://127.0.0.1:9000/"),
        ("192.168.1.5", "http://192.168.1.5:9000/"),
        ("localhost", "http://localhost:9000/"),
        ("::", "http://[::1]:9000/"),
        ("fd00::5", "http://[fd00::5]:9000/"),
    ],
)
def test_the_service_is_sought_where_it_listens(host: str, address: str) -> None:
    settings = load(
        environment={"APIKEY": "sk-1", "MODEL": "m", "HOST": host, "PORT": "9000"}
    ).settings

    assert service_address(settings) == address


def test_a_reply_is_no_silence_however_short_the_patience() -> None:
    replies: Queue[str] = Queue()
    replies.put("第一条")
    replies.put("第二条")

    assert list(parts_of_reply(replies, QUIET_AFTER_REPLY)) == ["第一条", "第二条"]


def test_silence_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit) as ended:
        list(parts_of_reply(Queue(), 0.01))

    assert ended.value.exit_code == 1
    assert "No reply within 0.01 seconds" in capsys.readouterr().err
