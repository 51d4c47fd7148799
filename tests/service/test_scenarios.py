"""Every conversation in `tests/scenarios`, played through the running service."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.chat_file import lines_of
from tests.service.talk import People, Said

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.chat"))

STAFF_IDS = {"管理员": "boss", "贵宾": "vip", "停用的人": "denied"}
"""Who is known by name; everybody else is somebody new in each conversation."""


@pytest.fixture
def company(people: People, configure: Callable[..., None]) -> People:
    """The service as a small company might run it; its model echoes."""
    configure(
        admin_users=["boss"],
        vip_users=["vip"],
        deny_users=["denied"],
        max_request=3,
        sensitive_words=["机密项目"],
    )
    return people


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_the_conversation_goes_as_it_is_written(file: Path, company: People) -> None:
    said: Said | None = None

    for line in lines_of(file):
        if line.who:
            staff_id = STAFF_IDS.get(line.who, f"s{SCENARIOS.index(file)}-{ord(line.who[0]):x}")
            person = company.named(staff_id).bringing(senderNick=line.who)
            in_room = person.within(f"{file.stem}-{line.group}") if line.group else person
            said = in_room.say(line.text, **_title(line.group))
            mention = f"\n\n@{staff_id}" if line.group else ""
        else:
            assert said is not None, "the robot speaks first"
            reply = said.reply().removesuffix(mention)
            assert line.fits(reply), f"{file.name}:{line.number}: the robot said: {reply}"


def _title(group: str) -> dict[str, object]:
    return {"conversationTitle": group} if group else {}


def test_there_are_conversations_to_play() -> None:
    assert len(SCENARIOS) >= 8
