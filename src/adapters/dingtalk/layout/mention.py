"""How the person who asked is called in a group."""

import re
from dataclasses import dataclass

from adapters.dingtalk.markdown.inline import Inline
from adapters.dingtalk.markdown.scrub import scrubbed
from application.wording.literal import literal
from domain.message import IncomingMessage, Sender

_CALLABLE = re.compile(r"\w[\w.@-]{0,63}", re.ASCII)
_EVERYBODY = re.compile(r"(?i)(?:^|@)all(?![\w-])")
_LONGEST_NAME = 40
_INLINE = Inline(image_hosts=frozenset(), definitions={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """The end of a reply that calls its reader. Empty in private chats.

    `staff_id` is None where there is only a name to show. `silent` is for the OpenAPI, which calls nobody and
    would show a staff id as it is.
    """

    text: str = ""
    staff_id: str | None = None
    silent: str = ""

    def in_silence(self, text: str) -> str:
        """A reply that ends in this mention, for the OpenAPI."""
        if not self.text or not text.endswith(self.text):
            return text
        return text.removesuffix(self.text) + self.silent

    def called_in(self, text: str) -> list[str]:
        """The staff ids for `at.atUserIds` of a message with this text."""
        called = self.staff_id is not None and text.endswith(self.text)
        return [self.staff_id] if called and self.staff_id else []


def mention_for(message: IncomingMessage) -> Mention:
    """A staff id that would call everybody calls nobody."""
    if not message.in_group:
        return Mention()
    name = _shown_name(message.sender)
    staff_id = message.sender.staff_id
    if staff_id is None or not _CALLABLE.fullmatch(staff_id) or _EVERYBODY.search(staff_id):
        return Mention(text=name, silent=name)
    return Mention(text=f"\n\n@{staff_id}", staff_id=staff_id, silent=name)


def _shown_name(sender: Sender) -> str:
    """A nickname is chosen by its owner: it may neither act nor look like markup, nor call anybody."""
    # Neither may what looks like an address become a link.
    visible = scrubbed(sender.nick).replace("://", "：//").replace("@", "＠")
    name = _INLINE.render(literal(visible, longest=_LONGEST_NAME))
    return f"\n\n＠{name}" if name else ""
