"""HTML in help texts and answers: as Markdown where that says the same, else left out or left as text."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.dingtalk.markdown.rendering import render


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("a<br>b", "a  \nb"),
        ("a<BR/>b", "a  \nb"),
        ("<b>粗</b>与<i>斜</i><b>细</b>", "**粗**与*斜*细"),
        ("<strong> x </strong>y", " **x** y"),
        ("<del>x</del> <s>y</s>", "~~x~~ ~~y~~"),
        ("按 <kbd>Ctrl</kbd>", "按 `Ctrl`"),
        ("10<sup>6</sup> H<sub>2</sub>O", "10^6 H2O"),
        ("<font color='red'>红</font><u>线</u>", "红线"),
        ("<b><b>x</b></b><B>Y</B>", "**x**Y"),
        ("<b></b>x", "x"),
        ("a<hr>b", "a\n\n———  \nb"),
        ("<h2>T</h2><p>p</p><p>q</p>", "## T\n\np\n\nq"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a<li>b<ul><li>c</li></ul></ol>", "1. a\n2. b\n   - c"),
        ("<blockquote>q</blockquote>z", "> q\n\nz"),
        ("<pre><code>a &lt; b</code></pre>", "```\na < b\n```"),
        ("<details><summary>点我</summary>\n内容\n</details>", "**点我**\n\n内容"),
        ("<a href='https://ok.example/(a)'>k</a>", "[k](https://ok.example/%28a%29)"),
        ("<a href=javascript:x>k</a>", "k"),
        ("<a name=x>k</a>", "k"),
        (
            "<img src='https://evil.example/a' alt='图'>",
            "[图 (evil.example)](https://evil.example/a)",
        ),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1|2<td><b>3</b></table>",
            "| a | b |\n|:---|:---|\n| 1\\|2 | **3** |",
        ),
        (
            "<table><caption>c</caption><tr><td>x<table><tr><td>y</table></table>",
            "| c |\n|:---|\n| x y |",
        ),
        ("<table>x</table>", "| x |\n|:---|"),
        ("<table></table>", ""),
        ("| a |\n|---|\n| <details><br><summary>看</summary>x</details> |", None),
    ],
)
def test_known_html_becomes_markdown(source: str, rendered: str | None) -> None:
    shown = render(source)

    assert "&lt;" not in shown
    if rendered is not None:
        assert shown == rendered


def test_a_table_s_cell_stays_on_its_line() -> None:
    cell = (
        "<details><br /><summary>预览</summary><br /><img src='https://a.example/x.png'></details>"
    )

    *_, row = render(f"| 指令 | 示例 |\n|---|---|\n| 单聊 | {cell} |").split("\n")

    assert re.sub(" +", " ", row) == "| 单聊 | **预览** [a.example](https://a.example/x.png) |"


@pytest.mark.parametrize(
    "text",
    [
        "用 <b> 标签，或者 <div>",
        "</p> 一个",
        "List<String> 和 a<b && c>d",
        "<script>alert(1)</script>",
        "<iframe src=x></iframe>",
        "\\<b>x\\</b>",
        "<table>没有结束",
    ],
)
def test_other_html_is_text(text: str) -> None:
    shown = MarkdownIt("js-default").render(render(text))

    assert html.unescape(re.sub("<[^>]*>", "", shown)).strip() == text.replace("\\", "")


def test_code_about_html_stays() -> None:
    text = "`<b>x</b>`\n\n```\n<table></table>\n```"

    assert render(f"<b>y</b> {text}") == f"**y** {text}"


TAGS = [
    "b",
    "i",
    "code",
    "div",
    "p",
    "li",
    "ul",
    "ol",
    "table",
    "tr",
    "td",
    "summary",
    "a",
    "pre",
    "h1",
]
pieces = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from(
        ["<br>", "<hr>", "<img alt=x src=http://a.b>", "甲", "乙", " ", "\n", "|", "`"]
    ),
)


@given(st.lists(pieces, max_size=20).map("".join))
def test_no_word_between_tags_is_lost(text: str) -> None:
    letters = re.findall("[甲乙]", text)

    assert re.findall("[甲乙]", render(text)) == letters


HOSTILE = [
    "<b>",
    "</b>",
    "<b>x</b>",
    "<td>",
    "<table><tr><td>",
    "<p></p>",
    "<b x=",
    "<ul><li>",
    "<a href=x>",
    "<br>",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_twice_as_many_tags_cost_about_twice_as_much(unit: str) -> None:
    def cost_of(text: str) -> float:
        begun = time.process_time()
        render(text)
        return time.process_time() - begun

    text = unit * 6000
    assert min(cost_of(text + text) for _ in range(3)) < 4 * cost_of(text) + 0.1


@pytest.mark.parametrize("form", ["<pre>{}</pre>", "<a href='{}'>k</a>", "<img alt='{}'>", "{}"])
def test_an_entity_of_thousands_of_digits_is_rendered(form: str) -> None:
    assert render(form.format(f"&#{'1' * 5000};"))
