"""Each hop broken in turn: this one is named, and no other."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.sql.database import open_database
from adapters.sql.doorstep import SqlDoorstep
from adapters.sql.schema import migrate
from application.ports import Arrival
from entrypoints.doctor.examination import examine, is_well
from entrypoints.doctor.finding import ALL, Finding, Verdict
from entrypoints.doctor.report import as_json, lines
from entrypoints.settings import Settings, load
from tests.contracts.storage import said
from tests.fakes.billing_server import BillingServer, hang_up, page
from tests.fakes.model_server import ModelServer, answer
from tests.integration.sql.storage import SOON
from tests.service.running import free_port

pytestmark = pytest.mark.anyio

KEY = "sk-canary-of-the-model"
SECRET = "canary-of-the-robot"
TOKEN = "/v1.0/oauth2/accessToken"
SENDING = "/v1.0/robot/oToMessages/batchSend"
OPENING = "/v1.0/gateway/connections/open"


def dated(moment: datetime) -> str:
    return f"Date: {format_datetime(moment, usegmt=True)}"


class World:
    """All that the service talks to, well until a test breaks something."""

    def __init__(self, folder: Path, web: BillingServer, model: ModelServer) -> None:
        self.web, self.model, self.folder = web, model, folder
        self.keys: dict[str, str] = {
            "APIKEY": KEY,
            "BASE_URL": model.url,
            "DINGTALK_CREDENTIALS": f"dingrobot:{SECRET}",
            "DINGTALK_API_URL": web.origin,
            "DINGTALK_OAPI_URL": web.origin,
            "WEBHOOK_HOSTS": web.origin,
            "DATA_DIR": str(folder / "data"),
            "HOST": "127.0.0.1",
            "PORT": web.origin.rsplit(":", 1)[1],
            "MODEL": "gpt-x",
            "IMAGE_MODEL": "image-x",
            "LOG_LEVEL": "error",
        }
        now = dated(datetime.now(UTC))
        web.pages = {
            "/": page("dingtalk", headers=now),
            "": page("dingtalk", headers=now),
            TOKEN: page({"accessToken": "a-token-to-hide", "expireIn": 7200}),
            SENDING: page({"code": "invalidParameter.userIds.empty"}, status=400),
            "/readyz": page({"ready": True}),
            OPENING: page({"endpoint": "ws://127.0.0.1:1/connect", "ticket": "t-1"}),
        }

    @property
    def settings(self) -> Settings:
        return load(environment=self.keys).settings

    @property
    def database(self) -> Path:
        return self.folder / "data" / "chatgpt-dingtalk.sqlite"

    def has_database(self) -> None:
        self.database.parent.mkdir(mode=0o700, exist_ok=True)
        migrate(f"sqlite:///{self.database}")

    async def examined(self) -> tuple[Finding, ...]:
        found = await examine(self.settings)
        told = "\n".join([*lines(found, "en"), *lines(found, "zh"), as_json(found, "en")])
        for secret in (KEY, SECRET, "a-token-to-hide"):
            assert secret not in told
        return found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with BillingServer() as web, ModelServer().serving(answer("OK")) as model:
        yield World(tmp_path, web, model)


def codes(found: tuple[Finding, ...]) -> set[str]:
    """Of all that is not well and can be told."""
    return {one.trouble.code for one in found if one.trouble and one.verdict is not Verdict.SKIPPED}


async def test_where_all_is_well_nothing_is_told(world: World) -> None:
    world.has_database()

    found = await world.examined()

    assert codes(found) == set()
    assert is_well(found)
    assert [one.hop for one in found if one.verdict is Verdict.WELL] == [
        "configuration", "data_dir", "database", "service", "clock", "dingtalk", "dingtalk", "model",
        "picture", "webhook",
    ]  # fmt: skip
    assert list(lines(found, "zh"))[-1] == "没有发现故障。"


def breaks_folder(world: World) -> None:
    (world.folder / "data").write_text("a file where a folder should be", encoding="utf-8")


def opens_folder(world: World) -> None:
    world.has_database()
    (world.folder / "data").chmod(0o755)


def garbles_database(world: World) -> None:
    world.database.parent.mkdir(mode=0o700)
    world.database.write_bytes(b"this is no database, whatever its name says" * 100)


def puts_database_at(revision: str) -> Callable[[World], None]:
    def put(world: World) -> None:
        world.has_database()
        with closing(sqlite3.connect(world.database)) as opened, opened:
            opened.execute("UPDATE alembic_version SET version_num = ?", (revision,))

    return put


def loses_server(world: World) -> None:
    world.keys["DATABASE_URL"] = f"postgresql://u:{SECRET}@127.0.0.1:{free_port()}/x"


def sets_clock(off: timedelta) -> Callable[[World], None]:
    def set_it(world: World) -> None:
        told = page("dingtalk", headers=dated(datetime.now(UTC) + off))
        world.web.pages |= {"/": told, "": told}

    return set_it


def answers(path: str, *, status: int = 200, **body: object) -> Callable[[World], None]:
    def answer_so(world: World) -> None:
        world.web.pages[path] = page(body, status=status)

    return answer_so


def loses_dingtalk(world: World) -> None:
    world.keys["DINGTALK_API_URL"] = f"http://127.0.0.1:{free_port()}"


def breaks_off_sending(world: World) -> None:
    world.web.pages[SENDING] = hang_up


def refuses_stream(world: World) -> None:
    world.keys["RUN_MODE"] = "stream"
    world.web.pages[OPENING] = page({"code": "authFailed"}, status=401)


def loses_stream(world: World) -> None:
    world.keys["RUN_MODE"] = "stream"
    world.web.pages[OPENING] = hang_up


def loses_model(world: World) -> None:
    world.keys["BASE_URL"] = f"http://127.0.0.1:{free_port()}"


def stops_service(world: World) -> None:
    world.keys["PORT"] = str(free_port())


def loses_webhook(world: World) -> None:
    world.keys["WEBHOOK_HOSTS"] = f"http://127.0.0.1:{free_port()}"


def forgets_robots(world: World) -> None:
    del world.keys["DINGTALK_CREDENTIALS"]


DENIED = "Forbidden.AccessDenied.AccessTokenPermissionDenied"


@pytest.mark.parametrize(
    ("breaking", "named"),
    [
        (breaks_folder, {"data-dir"}),
        (opens_folder, {"data-dir-open"}),
        (garbles_database, {"database"}),
        (loses_server, {"database"}),
        (puts_database_at("first_tables"), {"database-older"}),
        (puts_database_at("of_next_year"), {"database-newer"}),
        (sets_clock(timedelta(hours=2)), {"clock"}),
        (sets_clock(-timedelta(minutes=5)), {"clock-drifts"}),
        (answers(TOKEN, status=400, code="invalidClientIdOrSecret"), {"credentials"}),
        (answers(TOKEN, status=500), {"dingtalk-unreachable"}),
        (answers(SENDING, status=403, code=DENIED), {"permission"}),
        (breaks_off_sending, {"dingtalk-unreachable"}),
        (loses_dingtalk, {"dingtalk-unreachable"}),
        (refuses_stream, {"stream"}),
        (loses_stream, {"dingtalk-unreachable"}),
        (forgets_robots, {"no-robot"}),
        (loses_model, {"model-connection"}),
        (stops_service, {"service-not-running"}),
        (loses_webhook, {"webhook"}),
    ],
    ids=lambda value: getattr(value, "__name__", None) or "-".join(sorted(value)),
)
async def test_what_is_broken_is_named_and_nothing_else(
    world: World, breaking: Callable[[World], None], named: set[str]
) -> None:
    breaking(world)

    found = await world.examined()

    assert codes(found) == named
    failed = any(ALL[code].verdict is Verdict.FAILED for code in named)
    assert is_well(found) is not failed


async def test_the_clock_is_told_by_the_newest_callback(world: World) -> None:
    world.has_database()
    database = open_database(f"sqlite:///{world.database}")
    signed = datetime.now(UTC) - timedelta(hours=3)
    clock = SystemClock()
    fresh = replace(said("m1"), received_at=clock.now())
    await SqlDoorstep(database, clock).accept(
        Arrival(message=fresh, signed_at=int(signed.timestamp() * 1000))
    )
    await database.close(deadline=SOON)

    found = await world.examined()

    assert codes(found) == {"clock"}
    assert "callback: +10800 s" in {one.fact for one in found}


@pytest.mark.parametrize(
    ("ready", "public", "named"),
    [
        (page({"ready": True}), page({"status": "ok"}), set()),
        (page({"ready": False, "reasons": ["the database does not answer"]}, status=503),
         page({"status": "ok"}), {"service-not-ready"}),
        (page({"ready": True}), hang_up, {"service-url-unreachable"}),
        (page({"ready": True}), page("<html>welcome to nginx</html>"), {"service-url-other"}),
        (page({"ready": True}), page({"status": "something"}), {"service-url-other"}),
    ],
)  # fmt: skip
async def test_the_way_in_is_seen_where_the_service_runs(
    world: World, ready: object, public: object, named: set[str]
) -> None:
    world.keys["SERVICE_URL"] = world.web.origin
    world.web.pages |= {"/readyz": ready, "/livez": public}  # type: ignore[dict-item] # pages

    assert codes(await world.examined()) == named


async def test_a_check_that_breaks_or_hangs_hides_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> AsyncIterator[Finding]:
        yield Finding(hop="first")
        raise RuntimeError(SECRET)

    monkeypatch.setattr("entrypoints.doctor.examination.CHECKS", (broken,))

    found = await world.examined()

    assert [one.hop for one in found] == ["configuration", "first", "broken"]
    assert codes(found) == {"doctor-broke"}


def test_findings_as_json_have_every_field() -> None:
    finding = Finding(hop="model", about="one", trouble=ALL["model-funds"], fact="HTTP 402")

    told = json.loads(as_json((finding,), "en"))

    assert told == {
        "ok": False,
        "findings": [
            {
                "hop": "model",
                "verdict": "failed",
                "about": "one",
                "code": "model-funds",
                "told": ALL["model-funds"].told.en,
                "mend": ALL["model-funds"].mend.en,
                "fact": "HTTP 402",
            }
        ],
    }
