"""Which servers are reached without the proxy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.net.no_proxy import DirectHosts, direct_host

COVERED = [
    ("llm.example", "https://llm.example/v1"),
    ("llm.example", "https://a.b.llm.example/v1"),
    ("LLM.Example.", "https://llm.example/v1"),
    ("llm.example", "https://LLM.EXAMPLE./v1"),
    (".example", "https://llm.example/v1"),
    ("*.example", "https://llm.example/v1"),
    ("example:443", "https://llm.example/v1"),
    ("example:8080", "http://llm.example:8080/v1"),
    ("*", "https://anything/v1"),
    ("*:8000", "http://anything:8000"),
    ("10.0.0.0/8", "http://10.1.2.3:8000/v1"),
    ("10.1.2.3", "http://10.1.2.3/v1"),
    ("10.1.2.3/8", "http://10.9.9.9/v1"),
    ("10.1.2.3:8000", "http://10.1.2.3:8000/v1"),
    ("::1", "http://[::1]:11434/v1"),
    ("[::1]", "http://[::1]/v1"),
    ("[::1]:80", "http://[::1]/v1"),
    ("fd00::/8", "http://[fd12::1]/v1"),
    ("127.0.0.0/8", "http://[::ffff:127.0.0.1]/v1"),
]
NOT_COVERED = [
    ("llm.example", "https://notllm.example/v1"),
    ("llm.example", "https://example/v1"),
    ("llm.example", "https://llm.example.evil/v1"),
    ("example:80", "https://llm.example/v1"),
    ("*:8000", "http://anything:8001"),
    ("10.0.0.0/8", "http://11.0.0.1/v1"),
    ("10.0.0.0/8", "http://10.example/v1"),
    ("10.1.2.3:8000", "http://10.1.2.3/v1"),
    ("::1", "http://127.0.0.1/v1"),
]
NO_ENTRY = [
    "",
    " ",
    "http://h",
    "a b",
    "h:0",
    "h:99999",
    "10.0.0.0/99",
    "[::1",
    "<local>",
    "..",
    "*.*",
]
NAMES = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=3).map(".".join)


@pytest.mark.parametrize(("entry", "url"), COVERED)
def test_what_an_entry_covers_is_reached_directly(entry: str, url: str) -> None:
    assert DirectHosts.of(["other", entry]).cover(url)


@pytest.mark.parametrize(("entry", "url"), NOT_COVERED)
def test_what_no_entry_covers_is_not(entry: str, url: str) -> None:
    assert not DirectHosts.of([entry]).cover(url)


@pytest.mark.parametrize("text", NO_ENTRY)
def test_other_text_is_no_entry(text: str) -> None:
    assert direct_host(text) is None
    assert not DirectHosts.of([text]).cover("http://h/")


@given(entry=NAMES, host=NAMES, dot=st.sampled_from(["", ".", "*."]))
def test_a_name_covers_itself_and_all_names_below_it_and_no_other(
    entry: str, host: str, dot: str
) -> None:
    labels, wanted = host.split("."), entry.split(".")

    is_below = labels[-len(wanted) :] == wanted
    assert DirectHosts.of([dot + entry]).cover(f"http://{host}/") is is_below


@given(st.text(alphabet="ab.:*[]/0189 ", max_size=12))
def test_no_text_breaks_it(text: str) -> None:
    DirectHosts.of([text]).cover("http://10.0.0.1:80/")
