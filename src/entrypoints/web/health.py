"""Whether the service lives, is ready, and what it calls itself."""

from importlib.metadata import version

import msgspec
from litestar import Response, get
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler

from entrypoints.readiness import Readiness


def health_routes(readiness: Readiness) -> list[HTTPRouteHandler]:
    """`GET /`, `/livez` and `/readyz`."""

    @get("/", include_in_schema=False)
    async def status() -> Response[bytes]:
        message = (
            f"chatgpt-dingtalk {version('chatgpt-dingtalk')} is running · 钉钉机器人服务运行中"
        )
        return _json({"status": "ok", "message": message})

    @get("/livez", include_in_schema=False)
    async def livez() -> Response[bytes]:
        return _json({"status": "ok"})

    @get("/readyz", include_in_schema=False)
    async def readyz() -> Response[bytes]:
        found = await readiness.reasons()
        body: dict[str, object] = {
            "ready": not found,
            "reasons": found,
            "warnings": readiness.warnings(),
        }
        if standings := readiness.standings():
            body["connections"] = standings
        return _json(body, status=503 if found else 200)

    return [status, livez, readyz]


def _json(body: object, *, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=MediaType.JSON)
