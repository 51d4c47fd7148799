"""What the log shows, and what it never shows."""

import logging
from collections.abc import Iterator

import msgspec
import pytest

from entrypoints.log import log_to_stderr


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before


def events(written: str) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in written.splitlines()]


def quote(words: str) -> None:
    raise RuntimeError("sk-secret") from ValueError(words)


def break_something() -> None:
    try:
        quote("张三说：机密")
    except RuntimeError:
        logging.getLogger("house").exception("it_broke", extra={"msg_id": "m1"})


def test_an_event_is_one_line_of_json_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info", readable=False)

    logging.getLogger("house").info("reply_sent", extra={"msg_id": "a\nb\u2028\x1b[31m"})

    written = capsys.readouterr().err
    (event,) = events(written)
    assert event["event"] == "reply_sent"
    assert event["msg_id"] == "a\nb\u2028\x1b[31m"
    assert written.count("\n") == 1
    assert "\x1b" not in written


def test_an_exception_tells_where_and_what_kind_and_none_of_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("info", readable=False)

    break_something()

    (event,) = events(capsys.readouterr().err)
    assert event["exception"] == "RuntimeError < ValueError"
    assert "break_something" in str(event["at"])
    assert "sk-secret" not in str(event["exception"])
    assert "机密" not in str(event["exception"])


def test_the_words_of_an_exception_are_there_for_who_asks_for_debug(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("debug", readable=False)

    break_something()

    assert "sk-secret" in capsys.readouterr().err


def test_the_level_hides_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("warning", readable=False)

    logging.getLogger("house").info("quiet")
    logging.getLogger("house").warning("loud")

    assert [event["event"] for event in events(capsys.readouterr().err)] == ["loud"]


@pytest.mark.parametrize("library", ["httpx", "openai", "uvicorn.access", "alembic.runtime"])
def test_libraries_that_would_write_addresses_are_quiet(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr("info", readable=False)

    logging.getLogger(library).info("GET https://host/?session=1")

    assert capsys.readouterr().err == ""


def test_a_person_reads_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info", readable=True)

    logging.getLogger("house").info("reply_sent", extra={"msg_id": "m1"})

    written = capsys.readouterr().err
    assert "reply_sent" in written
    assert not written.startswith("{")


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("trick", ["a\nb", "a\u2028b", "a\x1b[2Jb", "a\x85b"], ids=ascii)
def test_a_title_cannot_write_a_line_of_its_own(
    trick: str, capsys: pytest.CaptureFixture[str], *, readable: bool
) -> None:
    log_to_stderr("info", readable=readable)

    logging.getLogger("house").info("group_id_asked", extra={"group_title": trick})

    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "\x1b[2J" not in written


def test_what_strangers_make_a_server_say_is_written_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("info", readable=False)

    for number in range(100):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
        logging.getLogger("uvicorn.error").error("returned %s", number)
        logging.getLogger("asyncio").error("Exception in callback")

    written = events(capsys.readouterr().err)
    assert [event["event"] for event in written] == ["returned 0", "Exception in callback"]
