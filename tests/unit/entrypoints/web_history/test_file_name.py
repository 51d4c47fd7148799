"""The name under which a download is kept."""

import re
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.web.history.download import file_name

DAY = date(2026, 3, 1)
HEADER = re.compile(r"attachment; filename=\"([\w.-]+)\"; filename\*=UTF-8''([\w.~%-]+)", re.ASCII)


def names(nick: str) -> tuple[str, str]:
    """The plain name and the full one."""
    found = HEADER.fullmatch(file_name(nick, DAY, ".md"))
    assert found
    return found[1], unquote(found[2])


def test_a_name_says_whose_it_is_and_of_which_day() -> None:
    assert names("张三") == (
        "conversations-2026-03-01.md",
        "张三-conversations-2026-03-01.md",
    )


@pytest.mark.parametrize(
    ("nick", "called"),
    [
        ('a"; filename="evil.exe', "a-filename=-evil-exe-"),
        ("a\r\nSet-Cookie: x=1", "a-Set-Cookie-x=1-"),
        ("../../etc/passwd", "etc-passwd-"),
        ("C:\\x\\y", "C-x-y-"),
        ("\u202egpj.exe", "gpj-exe-"),
        ("50% off; now", "50-off-now-"),
        ("…", "…-"),
        ("\x00\x1b", ""),
        ("", ""),
        (".. ", ""),
        ("长" * 200, "长" * 60 + "-"),
        ("😀 同学", "😀-同学-"),
    ],
)
def test_x5_no_nickname_leaves_the_name(nick: str, called: str) -> None:
    assert names(nick)[1] == f"{called}conversations-2026-03-01.md"


@given(st.text(max_size=30))
def test_x5_the_header_is_plain_whatever_the_nickname(nick: str) -> None:
    plain, full = names(nick)

    assert plain == "conversations-2026-03-01.md"
    assert full.endswith(plain)
    assert not re.search(r'[\\/:*?"<>|\r\n\0]', full)
