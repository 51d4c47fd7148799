"""An administrator reads, downloads and revokes, from the chat to the page."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import RunningService, eventually
from tests.service.talk import People, Person

Configure = Callable[..., None]


@pytest.fixture(scope="module")
def shared_service(
    tmp_path_factory: pytest.TempPathFactory, shared_model: FakeModel, dingtalk: SimulatedDingTalk
) -> Iterator[RunningService]:
    """A service that knows its public address, which these tests do not go through."""
    config = config_of(
        shared_model, dingtalk, admin_users=["boss"], service_url="https://bot.example.com"
    )
    with RunningService(folder=tmp_path_factory.mktemp("history"), config=config) as running:
        yield running


@pytest.fixture
def boss(people: People) -> Iterator[Person]:
    """The administrator, who takes back every link in the end."""
    boss = people.named("boss")
    yield boss
    boss.ask("#查对话 撤销")


def links(boss: Person, name: str) -> list[str]:
    """The paths to somebody's page and downloads, as the chat gives them."""
    reply = boss.ask(f"#查对话 username:{name}")
    return re.findall(r"\((?:https?://[^/)]+)?(/(?:history|download)/[^)\s]+)\)", reply)


def asked(person: Person, *texts: str) -> None:
    """The person asks, and all of it has been answered and delivered."""
    for text in texts:
        said = person.say(text)
        said.reply()
        assert said.decision() == ("answered", "answered")


def test_a_conversation_is_read_searched_and_downloaded(
    boss: Person, zhang: Person, service: RunningService
) -> None:
    asked(zhang, "怎么 **重启** 服务", "<script>alert(1)</script>")

    page, markdown, table = links(boss, zhang.staff_id)
    shown = service.get(page)
    found = service.get(f"{page}?q=重启")

    assert shown.status_code == 200
    assert f"{zhang.staff_id} 同学" in shown.text
    assert "echo 怎么 <strong>重启</strong> 服务" in shown.text
    assert "<script" not in shown.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text
    assert "1 条记录含有“重启”" in found.text
    for path, kind in ((markdown, "text/markdown"), (table, "text/csv")):
        download = service.get(path)
        assert download.headers["content-type"] == f"{kind}; charset=utf-8"
        assert "重启" in download.text


def test_a_revoked_link_is_like_one_that_never_was(
    boss: Person, zhang: Person, service: RunningService
) -> None:
    asked(zhang, "一")
    paths = links(boss, zhang.staff_id)
    unknown = service.get("/history/" + "x" * 43)

    revoked = service.client.post(f"{service.url}{paths[0]}/revoke")

    assert (revoked.status_code, revoked.headers["location"]) == (303, "../revoked")
    for path in paths:
        gone = service.get(path)
        assert (gone.status_code, gone.content) == (404, unknown.content)


def test_links_end_with_the_role_of_who_asked_for_them(
    boss: Person, zhang: Person, service: RunningService, configure: Configure
) -> None:
    asked(zhang, "一")
    page = links(boss, zhang.staff_id)[0]
    assert service.get(page).status_code == 200

    configure(admin_users=["another"])

    assert service.get(page).status_code == 404
    configure()
    eventually(lambda: service.get(page).status_code == 200)


def test_the_log_never_holds_a_token(boss: Person, zhang: Person, service: RunningService) -> None:
    asked(zhang, "一")
    page = links(boss, zhang.staff_id)[0]
    token = page.rpartition("/")[2]
    for path in (page, f"/download/{token}?format=csv", f"/history/{token}x", f"{page}/revoke"):
        service.get(path)

    assert service.events("history_shown")
    assert service.events("history_downloaded")
    assert token not in service.said
