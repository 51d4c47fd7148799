"""An answer's Markdown as HTML that can do nothing but be read."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from application.wording.pages import PageWording

LONGEST = 30_000
"""Characters of an answer that are laid out; some texts take time that grows with their length squared."""

LARGEST = 400_000
"""Characters of HTML that one answer may become; empty cells of a table make much out of little."""

DEEPEST = 20
"""Lists in lists, quotes in quotes."""

SCHEMES = {"http", "https", "mailto"}
WEB = re.compile(r"(?:https?://[^/]|mailto:[^/])", re.IGNORECASE)
LANGUAGE = re.compile(r"[\w+#.-]{1,20}", re.ASCII)
HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6", "h6": "h6"}
"""Above them are the page's own headings: whose conversation, which day, which question."""

ALIGNED = {"text-align:left": "left", "text-align:center": "center", "text-align:right": "right"}

TAGS = {
    *("p", "br", "hr", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"),
    *("em", "strong", "s", "code", "pre", "figure", "figcaption", "a", "div"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
CLASSES = {"div": {"wide"}, "th": set(ALIGNED.values()), "td": set(ALIGNED.values())}


class AnswerMarkdown:
    """CommonMark with tables, without HTML, and without anything that loads by itself."""

    def __init__(self, words: PageWording) -> None:
        self._words = words
        self._markdown = _Reader("js-default", {"breaks": True, "maxNesting": DEEPEST})
        self._markdown.core.ruler.after("inline", "tame", self._tame)
        self._markdown.add_render_rule("table_open", _table_open)
        self._markdown.add_render_rule("table_close", _table_close)
        self._markdown.add_render_rule("fence", _fence)

    def html(self, text: str) -> Markup | None:
        """The answer as safe HTML; None where it would be too much to lay out."""
        if len(text) > LONGEST:
            return None
        rendered: str = self._markdown.render(text)
        if len(rendered) > LARGEST:
            return None
        return Markup(sanitised(rendered))  # noqa: S704 - the line above all is about

    def _tame(self, state: StateCore) -> None:
        for token in state.tokens:
            token.tag = HEADINGS.get(token.tag, token.tag)
            style = token.attrs.pop("style", "")
            if aligned := ALIGNED.get(str(style)):
                token.attrSet("class", aligned)
            if token.children:
                token.children = self._without_images(token.children)

    def _without_images(self, tokens: Sequence[Token]) -> list[Token]:
        kept: list[Token] = []
        links = 0
        for token in tokens:
            links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            kept += self._named(token, in_link=links > 0) if token.type == "image" else [token]
        return kept

    def _named(self, image: Token, *, in_link: bool) -> list[Token]:
        """The image as a link that says where it leads, or as words within another link."""
        address = str(image.attrs.get("src", ""))
        named = Token("text", "", 0, content=self._name_of(image, address))
        if in_link or not _leads_out(address):
            return [named]
        opening = Token("link_open", "a", 1, attrs={"href": address})
        return [opening, named, Token("link_close", "a", -1)]

    def _name_of(self, image: Token, address: str) -> str:
        host = urlsplit(address).hostname if _leads_out(address) else None
        if host is None:
            return self._words.picture_without_host.format(text=image.content or address)
        return self._words.foreign_picture.format(text=image.content, host=host)


class _Reader(MarkdownIt):
    """Leaves a link that does not lead out into the web as the text it was written as."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return super().validateLink(url) and _leads_out(url)


def _leads_out(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return WEB.match(address) is not None


def sanitised(html: str) -> str:
    """Only what the lists above name is left of it, whoever wrote it."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        attribute_filter=_only_the_web,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _only_the_web(_tag: str, name: str, value: str) -> str | None:
    return None if name == "href" and not _leads_out(value) else value


def _table_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return '<div class="wide">' + renderer.renderToken(tokens, index, options, env)


def _table_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return renderer.renderToken(tokens, index, options, env) + "</div>"


def _fence(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    token = tokens[index]
    named = LANGUAGE.fullmatch(token.info.strip().partition(" ")[0])
    caption = f"<figcaption>{escape(named[0])}</figcaption>" if named else ""
    return f"<figure>{caption}<pre><code>{escape(token.content)}</code></pre></figure>\n"
