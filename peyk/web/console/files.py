"""The console's own style sheet and scripts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from peyk.web.console.pages import STATIC

FILES = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    # Copied from node_modules when the widget is built.
    "htmx.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
# Their address changes with their content.
KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


def add_to(router: APIRouter) -> None:
    """Add the files."""

    @router.get("/static/{name}")
    async def file(name: str) -> Response:
        """Return one of the files."""
        path = STATIC / name
        if name not in FILES or not path.exists():
            return Response(status_code=404)
        return FileResponse(path, media_type=FILES[name], headers=KEPT)
