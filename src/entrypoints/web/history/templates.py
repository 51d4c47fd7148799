"""Templates with every word escaped, and the headers that keep a page from doing anything."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.enums import MediaType
from litestar.response.base import ASGIResponse
from markupsafe import Markup

HERE = Path(__file__).parent
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{STYLE_HASH}'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

PRIVATE: dict[str, str] = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Headers of everything that is behind a link."""


class Templates:
    """The templates beside this module, compiled as they are needed, never read twice."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # Line ends stay as they are in the file: the policy names the very bytes by their hash.
        self._templates.globals["style"] = Markup(STYLE)  # noqa: S704 - our own file

    def page(self, name: str, values: Mapping[str, object], *, status: int = 200) -> ASGIResponse:
        body = self._templates.get_template(f"{name}.html").render(values)
        return ASGIResponse(
            body=body.encode(errors="replace"),
            status_code=status,
            media_type=MediaType.HTML,
            headers=PRIVATE,
        )
