"""Whether the service lives, is ready, and what it calls itself."""

from importlib.metadata import version

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler

from entrypoints.readiness import Readiness
from entrypoints.web.metrics import OperatorAccess


def health_routes(readiness: Readiness, access: OperatorAccess) -> list[HTTPRouteHandler]:
    """`GET /`, `/livez` and `/readyz`; version and reasons are told to the operator only."""

    @get("/", include_in_schema=False)
    async def status(request: Request[None, None, State]) -> Response[bytes]:
        name = "chatgpt-dingtalk"
        called = f"{name} {version(name)}" if access.admits(request) else name
        return _json({"status": "ok", "message": f"{called} is running · 钉钉机器人服务运行中"})

    @get("/livez", include_in_schema=False)
    async def livez() -> Response[bytes]:
        return _json({"status": "ok"})

    @get("/readyz", include_in_schema=False)
    async def readyz(request: Request[None, None, State]) -> Response[bytes]:
        found = await readiness.reasons()
        body: dict[str, object] = {"ready": not found}
        if access.admits(request):
            body |= {"reasons": found, "warnings": readiness.warnings()}
            if standings := readiness.standings():
                body["connections"] = standings
        return _json(body, status=503 if found else 200)

    return [status, livez, readyz]


def _json(body: object, *, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=MediaType.JSON)
