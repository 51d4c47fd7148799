"""A service tells of models that its provider does not offer, before a question finds out."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.service.running import Config, RunningService, eventually, run

KEY = "sk-canary-of-the-model"


class ModelService:
    """Lists models, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.listed = [{"id": "gpt-y"}, {"id": "image-x", "shutdown_date": "2020-01-01"}]
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked += 1
                body = json.dumps({"data": fake.listed}).encode()
                self.send_response(200 if self.path == "/v1/models" else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def config(self) -> Config:
        return {
            "api_key": KEY,
            "base_url": f"http://127.0.0.1:{self.server.server_port}/v1",
            "model": "gpt-x",
            "image_model": "image-x",
            "app_secrets": ["a1b2c3d4e5"],
        }


@pytest.fixture
def models() -> Iterator[ModelService]:
    fake = ModelService()
    threading.Thread(target=fake.server.serve_forever, daemon=True).start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


def test_models_that_are_not_offered_are_told_everywhere(
    tmp_path: Path, models: ModelService
) -> None:
    with RunningService(folder=tmp_path, config=models.config) as service:
        eventually(lambda: service.readiness()["warnings"])
        warnings = service.readiness()["warnings"]
        metrics = service.get("/metrics").text
        logged = service.events("model_warning")
        asked = models.asked

    assert isinstance(warnings, list)
    chat, images = warnings
    assert "does not offer gpt-x" in chat
    assert "gpt-y" in chat
    assert "image-x of openai (image_model) was shut down on 2020-01-01" in images
    label = 'problem="not_offered",provider="openai",purpose="chat"'
    assert f"chatgpt_dingtalk_model_warnings{{{label}}} 1.0" in metrics
    assert [(one["model"], one["problem"]) for one in logged] == [
        ("gpt-x", "not_offered"),
        ("image-x", "shut_down"),
    ]
    assert asked == 1
    assert KEY not in f"{warnings}{metrics}{service.said}"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("没有提供", "已于 2020-01-01 停止服务")), ("en", ("does not offer", "shut down on"))],
)
def test_check_config_compares_online_where_it_is_told_to(
    tmp_path: Path, models: ModelService, language: str, words: tuple[str, ...]
) -> None:
    file = tmp_path / "config.yml"
    file.write_text(json.dumps({**models.config, "language": language}), encoding="utf-8")

    offline = run("check-config", folder=tmp_path)
    asked = models.asked
    online = run("check-config", "--online", folder=tmp_path)
    models.listed = [{"id": "gpt-x"}, {"id": "image-x"}]
    well = run("check-config", "--online", folder=tmp_path)

    assert asked == 0
    assert (offline.status, online.status, well.status) == (0, 0, 0)
    for word in words:
        assert word not in offline.out
        assert word in online.out
        assert word not in well.out
