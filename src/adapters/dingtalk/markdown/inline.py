"""One line of a model's Markdown as a line that DingTalk shows whole."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from adapters.dingtalk.markdown.code_spans import CodeSpan, code_spans
from adapters.dingtalk.markdown.links import (
    bare,
    destination,
    has_scheme,
    is_image,
    is_link,
    shown_origin,
)
from adapters.dingtalk.markdown.scrub import scrubbed
from domain.entities import unescaped

# Characters that `scrubbed` has removed stand for what is put in at the very end of a line.
_ALLOWED_IMAGE = "\x00"
_CODE = "\x01"
_ALLOWED_LINK = "\x02"
_LITERAL = {mark: chr(0x0E + place) for place, mark in enumerate("*_#~\\|`+-")}
_AT_LAST = str.maketrans({stand_in: f"&#{ord(mark)};" for mark, stand_in in _LITERAL.items()})

_NOTEWORTHY = re.compile(r"[\[\]<>&@`\\]|~~~|://")
_ENTITIES = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAKS = re.compile(r"(?i)<br ?/?>")
_MARKUP = re.compile(
    r"(?P<image>\\?!\\?\[)"
    r"|\\(?P<escaped>[\\\[\]<>&`!@])"
    r"|(?P<open>\[++)"
    r"|\](?P<target>"
    r"\(\s*+(?:<(?P<angled>[^<>]*+)>|(?P<spaceless>[^\s()<>]*+(?:\([^\s()]*+\)[^\s()<>]*+)*+))"
    r"(?:\s++(?:\"[^\"]*+\"|'[^']*+'|\([^()]*+\)))?\s*+\)"
    r"|\[(?P<label>[^\[\]]{0,200}+)\]|)"
    r"|<(?P<autolink>(?i:https?)://[^\s<>\\\[\]!]++)>"
    r"|(?P<url>(?i:https?)://[^\s<>\"'`\[\](){}|\\^!\x00-\x1f，。；、！？（）]++)"
)
_LONGEST_LABEL = 200

_ACTIVE = re.compile(r"[&<>`@]|~~~|:\\?/")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "&#96;"})
_MENTION = re.compile(r"(?<![A-Za-z0-9._%+-])@|@(?![A-Za-z0-9-]{1,63}\.[A-Za-z])")
_APP_LINK = re.compile(r"(?i)((?:dtmd|dingtalk)[a-z0-9.+-]{0,32}):(?=\\?/)")
_TILDES = re.compile(r"~{3,}")
_ESCAPED = {"\\": "\\\\", "[": "&#91;", "]": "&#93;", "!": "&#33;", "@": "＠"}


def label(text: str) -> str:
    """A reference label as it is compared: without case, white space folded."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """Renders lines; images load only from `image_hosts`, references are looked up in `definitions`."""

    image_hosts: AbstractSet[str]
    definitions: Mapping[str, str]

    def render(self, line: str) -> str:
        """The scrubbed line with code as it is, and everything else escaped, unable to act, visible."""
        if not _NOTEWORTHY.search(line):
            return line
        scan = _Scan(self)
        position = 0
        for span in code_spans(line):
            scan.prose(line[position : span.start])
            scan.code(line, span)
            position = span.end
        scan.prose(line[position:])
        return scan.result()


def plain(text: str) -> str:
    """Prose without markup: nothing in it vanishes, calls anybody or opens an application."""
    if not _ACTIVE.search(text):
        return text
    # A backslash would take the sign of the entity behind it for itself.
    text = re.sub(r"\\(?=[&<>`@~])", _LITERAL["\\"], text)
    text = _APP_LINK.sub(r"\1：", _MENTION.sub("＠", text.translate(_ESCAPES)))
    # A row of tildes could open a block of code.
    return _TILDES.sub(lambda run: "&#126;" * len(run[0]), text)


def _decoded(match: re.Match[str]) -> str:
    """The character that an entity means. One that would become markup stays an entity."""
    text = scrubbed(unescaped(match[0])).replace("\n", " ")
    return "".join(_LITERAL.get(character, character) for character in text)


@dataclass(slots=True)
class _Scan:
    """One pass over a line: square brackets wait in `openers` until it is known what they are."""

    rules: Inline
    pieces: list[str] = field(default_factory=list)
    openers: list[tuple[int, int, bool]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def code(self, line: str, span: CodeSpan) -> None:
        """Keep inline code, in one or two backticks: three could open a block of code.

        Readers who take a backslash in code for an escape see the same code as the others.
        """
        content = line[span.start + span.ticks : span.end - span.ticks]
        inside = {len(run) for run in re.findall("`+", content)}
        free = next((count for count in (1, 2) if count not in inside), None)
        if free is None or "\\`" in content:
            whole = line[span.start : span.end].replace("\\", _LITERAL["\\"])
            self.pieces.append(plain(whole))
            return
        if content.endswith("\\"):
            content += " "
        self._end_before_code()
        ticks = "`" * (span.ticks if span.ticks <= 2 else free)  # noqa: PLR2004 - see the promise
        self.codes.append(f"{ticks}{content}{ticks}")
        self.pieces.append(_CODE)

    def _end_before_code(self) -> None:
        """No backslash stands before a backtick that opens code, not even an escaped one."""
        place = next((nth for nth in range(len(self.pieces) - 1, -1, -1) if self.pieces[nth]), 0)
        last = self.pieces[place] if self.pieces else ""
        kept = last.rstrip("\\")
        if kept != last:
            self.pieces[place] = kept + _LITERAL["\\"] * ((len(last) - len(kept) + 1) // 2)

    def prose(self, text: str) -> None:
        text = _BREAKS.sub(" ", _ENTITIES.sub(_decoded, text))
        self.openers = [(index, -1, image) for index, _, image in self.openers]
        position = 0
        for match in _MARKUP.finditer(text):
            start, end = match.span()
            if start > position:
                self.pieces.append(plain(text[position:start]))
            self._take(match)
            position = end
        self.pieces.append(plain(text[position:]))

    def result(self) -> str:
        # Whatever stood there before: only what was allowed on purpose is an image or a link now,
        # and nothing defines a reference.
        text = "".join(self.pieces)
        text = text.replace("![", "&#33;[").replace("](", "]&#40;").replace("]:", "]&#58;")
        text = text.replace(_ALLOWED_IMAGE, "!").replace(_ALLOWED_LINK, "")
        codes = iter(self.codes)
        return re.sub(_CODE, lambda _: next(codes), text).translate(_AT_LAST)

    def _take(self, match: re.Match[str]) -> None:
        kind = match.lastgroup
        if kind == "open":
            count = match.end() - match.start()
            place = len(self.pieces)
            self.openers += [(place + nth, match.start() + nth + 1, False) for nth in range(count)]
            self.pieces += "[" * count
        elif kind == "image":
            self.openers.append((len(self.pieces), match.end(), True))
            self.pieces.append("![")
        elif kind == "escaped":
            self.pieces.append(_ESCAPED.get(match["escaped"]) or plain(match["escaped"]))
        elif kind in {"url", "autolink"}:
            self.pieces.append(bare(match[kind]))
        else:
            self._close(match)

    def _close(self, match: re.Match[str]) -> None:
        index, start, image = self.openers.pop() if self.openers else (-1, -1, False)
        target = self._target(match, start) if index >= 0 else None
        if target is not None and image:
            self._image(index, target)
        elif target is not None and is_link(target):
            self.pieces.append(f"]{_ALLOWED_LINK}({destination(target)})")
        elif target is not None and has_scheme(target):
            self.pieces[index] = ""
        else:
            self.pieces.append(f"]{plain(match['target'])}")

    def _target(self, match: re.Match[str], start: int) -> str | None:
        """Where the brackets that were opened before `start` lead; None: nowhere."""
        if match["target"][:1] == "(":
            return match["angled"] or match["spaceless"] or ""
        if not self.rules.definitions:
            return None
        name = match["label"]
        if not name and start >= 0 and match.start() - start <= _LONGEST_LABEL:
            name = match.string[start : match.start()]
        return self.rules.definitions.get(label(name or ""))

    def _image(self, index: int, target: str) -> None:
        """An image of a foreign host becomes a link that names the host."""
        if is_image(target, self.rules.image_hosts):
            self.pieces[index] = f"{_ALLOWED_IMAGE}["
            self.pieces.append(f"]{_ALLOWED_LINK}({destination(target)})")
            return
        described = any(self.pieces[index + 1 : index + 3])
        origin = plain(shown_origin(target))
        clickable = is_link(target) and not self.openers
        self.pieces[index] = "[" if clickable else ""
        self.pieces.append(f" ({origin})" if described else origin)
        if clickable:
            self.pieces.append(f"]{_ALLOWED_LINK}({destination(target)})")
