"""The shapes of what robots ask for cards.

Source: DingTalk, "create-and-deliver-cards" and "api-streamingupdate".
"""

import re
from typing import Literal

import msgspec

from dingtalk_simulator.endpoints.exchange import Refused, code
from dingtalk_simulator.switches import Switches

TEMPLATE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.schema")
SPACE = re.compile(r"(IM_GROUP|IM_ROBOT|IM_SINGLE|ONE_BOX)\.([^;]+)", re.IGNORECASE)
SPACES = "dtv1.card//"


class CardVariables(msgspec.Struct, frozen=True):
    """Values are strings, with JSON in them for lists and booleans.

    An object is taken as well: the carousel of the official Python SDK sends one.
    """

    values: dict[str, str | dict[str, object]] = msgspec.field(
        name="cardParamMap", default_factory=dict
    )

    @property
    def texts(self) -> dict[str, str]:
        return {
            name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
            for name, value in self.values.items()
        }


class OpenSpace(msgspec.Struct, frozen=True, rename="camel"):
    support_forward: bool


class OpenDelivery(msgspec.Struct, frozen=True, rename="camel"):
    robot_code: str = ""
    space_type: str = ""


class CardDelivery(msgspec.Struct, frozen=True, kw_only=True):
    track: str = msgspec.field(name="outTrackId")
    spaces: str = msgspec.field(name="openSpaceId", default="")
    group: OpenDelivery | None = msgspec.field(name="imGroupOpenDeliverModel", default=None)
    private: OpenDelivery | None = msgspec.field(name="imRobotOpenDeliverModel", default=None)
    user_id_type: Literal[1, 2] = msgspec.field(name="userIdType", default=1)


class CardCreation(msgspec.Struct, frozen=True, kw_only=True):
    track: str = msgspec.field(name="outTrackId")
    template: str = msgspec.field(name="cardTemplateId")
    content: CardVariables = msgspec.field(name="cardData")
    callback_type: Literal["", "STREAM", "HTTP"] = msgspec.field(name="callbackType", default="")
    callback_route_key: str = msgspec.field(name="callbackRouteKey", default="")
    group_space: OpenSpace | None = msgspec.field(name="imGroupOpenSpaceModel", default=None)
    private_space: OpenSpace | None = msgspec.field(name="imRobotOpenSpaceModel", default=None)
    user_id_type: Literal[1, 2] = msgspec.field(name="userIdType", default=1)


class CardUpdateOptions(msgspec.Struct, frozen=True, rename="camel"):
    update_card_data_by_key: bool = False


class CardUpdate(msgspec.Struct, frozen=True, kw_only=True):
    track: str = msgspec.field(name="outTrackId")
    content: CardVariables | None = msgspec.field(name="cardData", default=None)
    options: CardUpdateOptions = msgspec.field(
        name="cardUpdateOptions", default=CardUpdateOptions()
    )


class CardStreaming(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    out_track_id: str = ""
    guid: str = ""
    key: str = ""
    content: str = ""
    is_full: bool = False
    is_finalize: bool = False
    is_error: bool = False


class CardRoute(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    callback_route_key: str
    callback_url: str
    api_secret: str = ""
    force_update: bool = False


class Space(msgspec.Struct, frozen=True):
    kind: str
    id: str


def spaces_in(text: str) -> list[Space]:
    """The places that an `openSpaceId` names. Raises Refused."""
    places = text.removeprefix(SPACES).split(";") if text.startswith(SPACES) else []
    matched = [SPACE.fullmatch(place) for place in places]
    found = [Space(one[1].upper(), one[2]) for one in matched if one]
    if not places or len(found) != len(places):
        raise Refused(code("param.openSpaceIdInvalid"))
    return found


def check_template(template: str, switches: Switches) -> None:
    """Any template that looks like one, or those of the switch. Raises Refused."""
    known = switches.card_templates
    if template not in known if known else not TEMPLATE.fullmatch(template):
        raise Refused(code("param.templateNotExist"))
