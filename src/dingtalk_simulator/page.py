"""The routes of the page: its document and its assets."""

from collections.abc import Sequence
from pathlib import Path

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from dingtalk_simulator.simulator import Simulator

ASSETS = Path(__file__).parent / "assets"
DOCUMENT = "index.html"

KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""The media types of assets, without the charset."""

POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"),
        *("connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    )
)

HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def page_routes(_simulator: Simulator | None = None) -> Sequence[HTTPRouteHandler]:
    """`GET /` and `GET /page/{name}`; they are public, because they are static."""
    missing = ASGIResponse(body=b"not found", status_code=404, media_type="text/plain")
    answers = {
        path.name: ASGIResponse(
            body=path.read_bytes(), media_type=KINDS[path.suffix], headers=HEADERS
        )
        for path in ASSETS.iterdir()
        if path.suffix in KINDS
    }

    @get("/", include_in_schema=False)
    async def document() -> ASGIResponse:
        return answers[DOCUMENT]

    @get("/page/{name:str}", include_in_schema=False)
    async def asset(name: FromPath[str]) -> ASGIResponse:
        return answers.get(name, missing)

    return [document, asset]
