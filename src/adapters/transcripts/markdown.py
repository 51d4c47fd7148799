"""Transcripts as Markdown to read, in which no question or answer leaves its place."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.transcripts.format import Format, attempts_of, moment_in
from domain.history import Person, Record
from domain.message import RoomKind

ROOMS = {
    RoomKind.PRIVATE: "单独聊天 private chat",
    RoomKind.GROUP: "群聊 group",
    RoomKind.UNKNOWN: "场所不明 unknown place",
}

SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~&$!])")
"""What Markdown could take for more than a letter within a line."""

STAR = re.compile(r"\\.|\*")
FENCE = re.compile(r"```|~~~")

IMAGE = "!["
UNESCAPED_IMAGE = re.compile(r"(?<!\\)((?:\\\\)*)!(?=\[)")

LONGEST_PARSED = 30_000
"""Characters of a text that is parsed for images; some take time that grows with their length squared."""

_inline = MarkdownIt("commonmark", {"html": False})
_blocks = MarkdownIt("commonmark", {"html": False}).disable(["inline"])


def title(person: Person, zone: ZoneInfo) -> str:
    first, last = (
        moment.astimezone(zone).isoformat(timespec="seconds")
        for moment in (person.first_asked, person.last_asked)
    )
    who = f"工号 staff id: {inline(person.staff_id)}" if person.staff_id else "没有工号 no staff id"
    if person.imported:
        who = "导入的旧记录，只知道昵称 imported, only the nickname is known"
    return (
        f"# {inline(person.nick)}\n\n- {who}\n"
        f"- {person.questions} 个问题 questions: {first} – {last}\n\n"
    )


def entry(record: Record, _person: Person, zone: ZoneInfo, pictures: str = "") -> str:
    about = "\n".join(f"- {one}" for one in _about(record, pictures))
    answer = f"**答 answer**\n\n{quoted(record.answer)}\n\n" if record.answer else ""
    return (
        f"## {moment_in(zone, record)} · {inline(record.nick)}\n\n{about}\n\n"
        f"**问 question**\n\n{quoted(_without_stars(record.question))}\n\n{answer}"
    )


def _without_stars(question: str) -> str:
    """A question is shown as it was typed, and what is masked in it is no emphasis."""
    if "*" not in question or FENCE.search(question):
        return question
    return "\n".join(
        line if "`" in line else STAR.sub(lambda sign: "\\*" if sign[0] == "*" else sign[0], line)
        for line in question.split("\n")
    )


def _about(record: Record, pictures: str) -> Iterator[str]:
    room = ROOMS[record.room_kind]
    yield f"{room}: {inline(record.room_title)}" if record.room_title else room
    yield f"结果 outcome: {record.state.value} ({inline(record.reason)})"
    if record.model:
        yield (
            f"模型 model: {inline(record.provider)} {inline(record.model)}, "
            f"{record.prompt_tokens} + {record.answer_tokens} tokens, "
            f"{record.took.total_seconds():.1f} s"
        )
    if record.thought_tokens:
        yield f"其中思考 of which thoughts: {record.thought_tokens} tokens"
    if record.attempts:
        yield f"尝试 attempts: {inline(attempts_of(record))}"
    if record.picture:
        name = inline(record.picture)
        address = quote(f"{pictures}/{record.picture}", safe="/:%[]@")
        yield f"图片 picture: [{name}](<{address}>)" if pictures else f"图片 picture: {name}"


def inline(text: str) -> str:
    """The text within one line, every sign of Markdown taken literally."""
    return SIGNS.sub(r"\\\1", " ".join(text.split()))


def quoted(text: str) -> str:
    """The text as a block quote: what is within, its headings and open fences too, ends with it.

    No HTML is left outside of code blocks, where programs show it as it is, and no image: an image is
    a link after an exclamation mark, so that reading the file loads nothing.
    """
    lines = [f"> {line}" if line.strip() else ">" for line in text.splitlines() or [""]]
    code = _lines_of_code(lines) if "<" in text and FENCE.search(text) else frozenset()
    lines = list(_without_html(lines, code))
    return "\n".join(_without_images(lines) if IMAGE in text else lines)


def _without_images(lines: Sequence[str]) -> list[str]:
    """Escapes the sign of every image, also of one whose address another record may bring."""
    changed = _lines_with_images("\n".join(lines), len(lines))
    return [
        UNESCAPED_IMAGE.sub(r"\1\\!", line) if number in changed else line
        for number, line in enumerate(lines)
    ]


def _lines_with_images(quote: str, count: int) -> Collection[int]:
    """The lines of each paragraph that says `![` outside of code; of a very long text, all."""
    if len(quote) > LONGEST_PARSED:
        return range(count)
    maps = (one.map for one in _inline.parse(quote) if one.map and _shows_image(one))
    return {number for first, end in maps for number in range(first, end)}


def _shows_image(paragraph: Token) -> bool:
    children = paragraph.children or ()
    said = "".join(child.content for child in children if child.type == "text")
    return IMAGE in said or any(child.type == "image" for child in children)


def _without_html(lines: Iterable[str], code: frozenset[int]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line if number in code else line.replace("<", "&lt;")


def _lines_of_code(lines: Sequence[str]) -> frozenset[int]:
    """Which lines are in fences: asked of the quote itself, since a tab means less within it."""
    tokens = _blocks.parse("\n".join(lines))
    fences = (one.map for one in tokens if one.type == "fence" and one.map)
    return frozenset(number for first, end in fences for number in range(first, end))


MARKDOWN = Format(
    media_type="text/markdown; charset=utf-8",
    suffix=".md",
    title=title,
    entry=entry,
)
