"""The ids that an operator needs for the lists of the configuration, told in the chat."""

import logging

from application.rulebook import Rulebook
from application.wording.literal import literal
from application.wording.quotation import as_code
from domain.access import Refusal
from domain.command import ShowGroupId, ShowUserId
from domain.message import IncomingMessage

logger = logging.getLogger(__name__)

LONGEST_TITLE = 256
"""Characters of a group's title in a sentence of ours."""

RECOMMENDED = {
    Refusal.GROUP_NOT_LISTED: ShowGroupId,
    Refusal.OUTGOING_GROUP_NOT_LISTED: ShowGroupId,
    Refusal.SENDER_NOT_LISTED: ShowUserId,
}
"""The command that a refusal's sentence recommends: the pause between refusals does not apply to it."""


def shown_id(command: ShowGroupId | ShowUserId, message: IncomingMessage, rules: Rulebook) -> str:
    """The author's own userid; the id of the group, for administrators only and always in the log."""
    wording, staff_id, room = rules.wording, message.sender.staff_id, message.room
    if isinstance(command, ShowUserId):
        if staff_id is None:
            return wording.no_user_id
        return wording.user_id.format(id=as_code(staff_id))
    if not message.in_group:
        return wording.group_id_outside
    logger.info("group_id_asked", extra={"group_id": room.id, "group_title": room.title})
    if not rules.access.is_admin(message):
        return wording.group_id_logged
    title = literal(room.title, longest=LONGEST_TITLE)
    return wording.group_id.format(id=as_code(room.id), title=title)
