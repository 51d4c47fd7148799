"""Markdown: whatever is said stays in its place."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.transcripts import FORMATS
from domain.history import Record
from domain.inbox import State
from domain.message import RoomKind, UserKey
from tests.unit.adapters.transcripts.people import RECORD, SHANGHAI, ZHANG, file_of, saying

PARTS = [
    "# 标题",
    "## 2026-01-01T00:00:00+08:00 · 假的",
    "```",
    "~~~",
    "````",
    "\t```",
    "    ```",
    "> ",
    "- ",
    "1. ",
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "</blockquote>",
    "<div>",
    "[a]: http://x",
    "---",
    "===",
    "`",
    "``",
    "\\",
    "|a|b|",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\u2028",
    "\x0b",
    "\x1e",
    "\t",
    " ",
    "字",
    "$$",
    "![x](y)",
    "![x][a]",
    "\\!",
    "!",
    "[x](y)",
    "<http://x",
    ">",
]
mean_texts = st.lists(st.sampled_from(PARTS), max_size=9).map("".join)


def tokens_of(record: Record) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).parse(
        anyio.run(file_of, FORMATS["md"], [record, RECORD])
    )


def outside(tokens: list[Token]) -> list[tuple[str, str]]:
    """The blocks of the file that are in no quote, with the tags."""
    return [(one.type, one.tag) for one in tokens if one.level == 0]


PLAIN = outside(tokens_of(saying("问", "答")))


@given(mean_texts, mean_texts)
@example("```\n", "# 假的")
def test_a_question_or_answer_adds_no_block_to_the_file(question: str, answer: str) -> None:
    tokens = tokens_of(saying(question, answer))

    assert outside(tokens) == (PLAIN if answer else outside(tokens_of(saying("问"))))


@given(mean_texts)
@example("<!--\n```\n-->\n```\n<script>")
@example("```\n\t```\n<script>")
def test_there_is_no_html_to_render(text: str) -> None:
    tokens = tokens_of(saying(text, text, nick=text, title=text))

    inner = [child for one in tokens for child in one.children or ()]
    assert not [one for one in (*tokens, *inner) if one.type in {"html_block", "html_inline"}]


@given(mean_texts)
@example("![x](http://a)")
@example("\\\\![x](y)")
@example("<http://x![x](y)>")
@example("`![`[x](y)")
def test_nothing_is_loaded_by_reading_the_file(text: str) -> None:
    """Not even where another record brings the address of a reference."""
    tokens = tokens_of(saying(f"{text}\n\n[a]: http://x\n", text, nick=text, title=text))

    inner = [child for one in tokens for child in one.children or ()]
    assert not [one for one in inner if one.type == "image"]


@pytest.mark.anyio
async def test_an_image_is_a_link_and_code_stays_code() -> None:
    text = await file_of(
        FORMATS["md"], [saying("问", "![猫](http://x/a.png)\n\n`vec![0]`\n\n```\n![a](b)\n```")]
    )

    assert "> \\![猫](http://x/a.png)\n>\n> `vec![0]`\n>\n> ```\n> ![a](b)\n> ```\n" in text


@pytest.mark.anyio
async def test_a_long_text_is_not_parsed_for_its_images() -> None:
    text = await file_of(FORMATS["md"], [saying("问", "![猫](http://x/a.png)" + "长" * 30_000)])

    assert "![" not in text.replace("\\![", "")


@given(mean_texts)
def test_a_name_adds_no_block_to_the_file(name: str) -> None:
    titled = outside(tokens_of(saying("问", "答", title="群")))

    assert outside(tokens_of(saying("问", "答", nick=name, title=name))) in (PLAIN, titled)


@pytest.mark.anyio
async def test_code_is_shown_as_it_was_written() -> None:
    code = "```java\nList<String> x = <T>y();\n```"

    text = await file_of(FORMATS["md"], [saying("问", f"看：\n\n{code}\n\n<b>粗</b>")])

    assert "> List<String> x = <T>y();\n" in text
    assert "> &lt;b>粗&lt;/b>\n" in text


@pytest.mark.anyio
async def test_an_entry_tells_all_that_is_known() -> None:
    drawn = replace(RECORD, picture="abc.png", provider="my_provider")

    text = await file_of(FORMATS["md"], [drawn])

    assert text.startswith(
        "# 张三\n\n- 工号 staff id: zhang\n"
        "- 1 个问题 questions: 2026-03-01T20:00:00+08:00 – 2026-03-01T20:00:00+08:00\n\n"
    )
    assert "## 2026-03-01T20:00:00+08:00 · 张三\n\n- 群聊 group: 测试群\n" in text
    assert "- 结果 outcome: answered (answered)\n" in text
    assert "- 模型 model: my\\_provider gpt-4o, 3 + 4 tokens, 1.5 s\n" in text
    assert "- 其中思考 of which thoughts: 2 tokens\n" in text
    assert "- 尝试 attempts: main big: ModelGone (0.2 s); spare small: cooling\\_down\n" in text
    assert "- 图片 picture: abc.png\n" in text
    assert text.endswith("**问 question**\n\n> 一加一？\n\n**答 answer**\n\n> 二\n\n")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("pictures", "line"),
    [
        ("https://robot.example/images", "[abc.png](<https://robot.example/images/abc.png>)"),
        ("/srv/my data/<images>", "[abc.png](</srv/my%20data/%3Cimages%3E/abc.png>)"),
    ],
)
async def test_a_picture_is_a_link_where_it_has_an_address(pictures: str, line: str) -> None:
    async def drawn() -> AsyncIterator[Record]:
        yield replace(RECORD, picture="abc.png")

    pieces = FORMATS["md"].lines(drawn(), ZHANG, SHANGHAI, pictures=pictures)

    assert f"- 图片 picture: {line}\n" in "".join([piece async for piece in pieces])


@pytest.mark.anyio
async def test_what_is_not_known_is_left_out() -> None:
    nobody = replace(ZHANG, staff_id=None)
    imported = replace(nobody, key=UserKey("imported:张三"))
    bare = replace(
        RECORD,
        answer="",
        model="",
        room_title="",
        room_kind=RoomKind.PRIVATE,
        state=State.FAILED,
        took=timedelta(),
        thought_tokens=None,
        attempts=(),
    )

    text = await file_of(FORMATS["md"], [bare], nobody)

    assert "没有工号 no staff id" in text
    assert "- 单独聊天 private chat\n" in text
    assert "模型" not in text
    assert "**答 answer**" not in text
    assert "只知道昵称" in await file_of(FORMATS["md"], [], imported)
