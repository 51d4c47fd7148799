"""`send` finds its service, takes the reply to its own message alone, and shows what it says."""

from pathlib import Path

import httpx
import pytest

from entrypoints.cli.reply_listener import ReplyListener, reply_listener
from entrypoints.cli.send import Spoken, callback, service_address
from entrypoints.cli.shown_reply import save, show, unescaped
from entrypoints.settings import load

SPOKEN = Spoken(text="你好", staff_id="zhang", nick="张三", group="", timeout=1)
PNG = b"\x89PNG\r\n\x1a\n"


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
    environment = {"APIKEY": "sk-1", "MODEL": "m", "HOST": host, "PORT": "9000"}

    assert service_address(load(environment=environment).settings) == address


def posted(listener: ReplyListener, path: str, content: bytes) -> int:
    url = f"http://127.0.0.1:{listener.port}{path}"
    return httpx.post(url, content=content, trust_env=False).status_code


@pytest.mark.parametrize("secrets", [["a-secret-of-the-robot"], []], ids=["signed", "unsigned"])
def test_only_the_reply_to_this_message_is_taken(secrets: list[str]) -> None:
    with reply_listener() as listener:
        body = callback(SPOKEN, listener, secrets)
        webhook = httpx.URL(str(body["sessionWebhook"]))
        path = webhook.raw_path.decode()

        statuses = [
            posted(listener, "/", b'{"markdown":{"text":"\\u001b[31mevil"}}'),
            posted(listener, path[:-1], b'{"markdown":{"text":"evil"}}'),
            posted(listener, path, b'{"markdown":{"text":"first"}}'),
            posted(listener, path, b'{"text":{"content":"second"}}'),
            posted(listener, path, b"not json"),
            posted(listener, path, b" " * (2 << 20)),
        ]

        assert (webhook.host, webhook.port) == ("127.0.0.1", listener.port)
        assert statuses == [404, 404, 200, 200, 400, 413]
        assert list(listener.parts(within=1, quiet=0.01)) == ["first", "second"]


def test_silence_is_no_part_at_all() -> None:
    assert list(ReplyListener(port=1).parts(within=0.01, quiet=0.01)) == []


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        (r"\[点我\]\(x\)", "[点我](x)"),
        ("`a &lt; \\[b`", "`a &lt; \\[b`"),
        ("```\n&lt;\n```\n&lt;", "```\n&lt;\n```\n<"),
        ("&#x202e;红\u202e", "\ufffd红\ufffd"),
        ("&#42;&#42;不粗&#42;&#42;", "**不粗**"),
    ],
)
def test_what_only_protects_a_character_is_not_shown(markdown: str, shown: str) -> None:
    assert unescaped(markdown) == shown


def test_a_picture_is_saved_under_a_free_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = PNG + b"IHDR"
    markdown = "![图](https://bot.example.com/images/abc.png)\n\n好了\x1b[2J"

    for _ in range(2):
        show(markdown, fetch=lambda _source: picture, saved="saved: {path}")
    show("![图](@lAL)", fetch=lambda _source: None, saved="saved: {path}")

    told = capsys.readouterr().out
    assert "saved: abc.png" in told
    assert "saved: abc-2.png" in told
    assert "\x1b" not in told
    assert sorted(one.name for one in tmp_path.iterdir()) == ["abc-2.png", "abc.png"]
    assert (tmp_path / "abc.png").read_bytes() == picture


@pytest.mark.parametrize(
    "source", ["@lALPabc", "http://x/../../etc/passwd", "http://x/.bashrc", "x"]
)
def test_the_name_of_a_picture_comes_from_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)

    assert save(PNG, source) == Path("picture.png")
    assert save(b"<html>", source) is None
