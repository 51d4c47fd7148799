"""The service behind Debian's nginx, with the configuration that is handed out."""

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fakes.authority import Authority, Wish
from tests.fakes.model_server import SMALL_PNG
from tests.missing import INSTALLING, install, missing
from tests.service.conftest import config_of
from tests.service.neighbours import FakeModel, SimulatedDingTalk
from tests.service.running import HOST, RunningService, eventually, free_port
from tests.service.talk import SECRET, People, next_signature

pytestmark = pytest.mark.timeout(2 * INSTALLING)

DEPLOY = Path(__file__).parents[2] / "deploy" / "nginx"
NAME = "chat.example.com"
AROUND = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
"""What Debian has around a site."""


def found() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@pytest.fixture(scope="module")
def nginx() -> str:
    """The path of nginx. Without one these tests are skipped, on CI they fail."""
    reason = "" if found() else install("nginx-light")
    path = found()
    if path is None:
        missing(reason or "no nginx, although its package is installed")
    return path


@contextmanager
def serving(nginx: str, folder: Path, port: int) -> Iterator[None]:
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), encoding="utf-8")
    command = [nginx, "-p", str(folder), "-c", "nginx.conf", "-e", f"{folder}/error.log"]
    subprocess.run([*command, "-t"], check=True, capture_output=True)  # noqa: S603 - our own words
    process = subprocess.Popen(command)  # noqa: S603 - the same
    try:
        eventually(lambda: answers(port))
        yield
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    try:
        httpx.get(f"http://{HOST}:{port}/", trust_env=False)
    except httpx.HTTPError:
        return False
    return True


class Site:
    """The public side: `https://chat.example.com`, and the service behind it."""

    def __init__(
        self, service: RunningService, port: int, plain: int, authority: Authority
    ) -> None:
        self.service, self.plain = service, plain
        self.client = httpx.Client(
            base_url=f"https://{HOST}:{port}",
            trust_env=False,
            verify=ssl.create_default_context(cafile=authority.pem),
        )


@pytest.fixture(scope="module")
def site(
    nginx: str,
    tmp_path_factory: pytest.TempPathFactory,
    shared_model: FakeModel,
    dingtalk: SimulatedDingTalk,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    port, plain = free_port(), free_port()
    config = config_of(shared_model, dingtalk, service_url=f"https://{NAME}")
    authority = Authority(folder)
    certificate = authority.signed(Wish(names=(NAME, HOST)))
    with RunningService(folder=tmp_path_factory.mktemp("service"), config=config) as service:
        text = (DEPLOY / "chatgpt-dingtalk.conf").read_text(encoding="utf-8")
        text = text.replace("127.0.0.1:8090", f"{HOST}:{service.port}")
        text = text.replace("listen 443", f"listen {port}").replace(
            "listen 80;", f"listen {plain};"
        )
        text = re.sub(r"(ssl_certificate(_key)?) \S+;", rf"\1 {certificate};", text)
        (folder / "site.conf").write_text(text, encoding="utf-8")
        with serving(nginx, folder, plain):
            site = Site(service, port, plain, authority)
            with site.client:
                yield site


def test_a_callback_over_tls_is_answered(site: Site, dingtalk: SimulatedDingTalk) -> None:
    person = People(site.service, dingtalk).named("zhang")
    message = person.message("隔着 nginx 的问题")

    response = site.client.post("/", json=message, headers=next_signature(SECRET))

    assert (response.status_code, response.json()) == (200, {"msgtype": "empty"})
    session = str(message["sessionWebhook"]).rpartition("session=")[2]
    eventually(lambda: dingtalk.tries(session))


def test_nobody_out_there_is_taken_for_this_machine(
    site: Site, dingtalk: SimulatedDingTalk
) -> None:
    message = People(site.service, dingtalk).named("zhang").message("没有签名")

    for forged in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}):
        assert site.client.post("/", json=message, headers=forged).status_code == 401


def test_only_what_is_public_is_passed_on(site: Site) -> None:
    assert site.client.get("/livez").json() == {"status": "ok"}
    for path in ("/readyz", "/metrics", "/schema", "/nothing"):
        assert site.client.get(path).status_code == 404
    assert site.client.get("/history/no-such-link").status_code == 404
    assert site.client.get("/nothing").headers["server"] == "nginx"


def test_a_picture_is_shown_and_its_address_not_logged(
    site: Site, dingtalk: SimulatedDingTalk
) -> None:
    said = People(site.service, dingtalk).named("li").ask("#图片 一只猫")
    path = said.split(f"https://{NAME}")[1].split(")")[0]

    assert site.client.get(path).content == SMALL_PNG
    for log in Path(site.service.folder.parent).glob("nginx*/access.log"):
        assert path.rpartition("/")[2] not in log.read_text(encoding="utf-8")


def test_what_is_too_large_does_not_reach_the_service(site: Site) -> None:
    response = site.client.post(
        "/", content=b"x" * (1024 * 1024 + 1), headers=next_signature(SECRET)
    )

    assert response.status_code == 413


def test_a_burst_of_a_large_company_passes(site: Site, dingtalk: SimulatedDingTalk) -> None:
    people = People(site.service, dingtalk)

    statuses = {
        site.client.post(
            "/", json=people.named(f"user{n}").message("用量"), headers=next_signature(SECRET)
        ).status_code
        for n in range(200)
    }

    assert statuses == {200}


def test_plain_http_is_sent_to_tls_with_its_body(site: Site) -> None:
    response = httpx.post(f"http://{HOST}:{site.plain}/?a=b", trust_env=False)

    assert response.status_code == 308
    assert response.headers["location"] == f"https://{HOST}/?a=b"


def test_the_configuration_for_replicas_is_one_that_nginx_takes(nginx: str, tmp_path: Path) -> None:
    text = (DEPLOY / "replicas.conf").read_text(encoding="utf-8")
    # Outside of compose nobody is called so.
    text = re.sub(r"server bot(-2)?:8090", "server 127.0.0.1:8090", text)
    text = re.sub(r"pid \S+;", f"pid {tmp_path}/pid;", text)
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")

    done = subprocess.run(  # noqa: S603 - our own words
        [nginx, "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", f"{tmp_path}/log"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "syntax is ok" in done.stderr, done.stderr
