"""The widget's files: loadable by every page, kept by browsers as long as they do not change."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).parent / "widget"
BUNDLE = "peyk.js"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
COMPRESSED = (".js", ".css", ".svg", ".txt")
NAME = re.compile(r"(?:[A-Za-z0-9_-]+/){0,2}[A-Za-z0-9_.-]+", re.ASCII)
# A name with a hash in it never means anything else, nor does an address with `?v=<hash>`.
HASHED = re.compile(r"[.-][0-9a-f]{8,}\.\w+$", re.ASCII)
FOR_EVER = "public, max-age=31536000, immutable"
# One page load may miss a new version; after that the ETag is asked for.
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"
HEADERS = {
    # A page of another origin loads script and fonts from here; they are the same for everybody.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file as it is given out."""

    stamp: tuple[int, int]
    content: bytes
    compressed: bytes | None
    tag: str


class Widget:
    """Gives out what is built into `peyk/web/widget/`."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder, or the usual one; says once in the log when nothing is built."""
        self._folder = folder or FOLDER
        self._kept: dict[str, _Kept] = {}
        if not (self._folder / BUNDLE).is_file():
            log.warning("widget.not_built", missing=BUNDLE, remedy="make widget")

    def routes(self) -> APIRouter:
        """Return the route of the widget's files."""
        router = APIRouter(include_in_schema=False)

        @router.get("/widget/{name:path}")
        async def file(name: str, request: Request) -> Response:
            """Return a file of the widget."""
            kept = await run_in_threadpool(partial(self._read, name))
            if kept is None:
                return JSONResponse({"detail": "Not Found"}, 404)
            return _response(name, kept, request)

        return router

    def _read(self, name: str) -> _Kept | None:
        suffix = Path(name).suffix
        if not NAME.fullmatch(name) or ".." in name or suffix not in TYPES:
            return None
        path = self._folder / name
        try:
            stat = path.stat()
            kept = self._kept.get(name)
            stamp = (stat.st_mtime_ns, stat.st_size)
            if kept is None or kept.stamp != stamp:
                content = path.read_bytes()
                compressed = gzip.compress(content, mtime=0) if suffix in COMPRESSED else None
                kept = _Kept(stamp, content, compressed, hashlib.sha256(content).hexdigest()[:16])
                self._kept[name] = kept
        except OSError:
            return None
        return kept


def _response(name: str, kept: _Kept, request: Request) -> Response:
    certain = HASHED.search(name) or request.query_params.get("v") == kept.tag
    headers = {**HEADERS, "Cache-Control": FOR_EVER if certain else FOR_A_WHILE, "ETag": f'W/"{kept.tag}"'}
    if kept.tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    content = kept.content
    if kept.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content = kept.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, 200, headers, media_type=TYPES[Path(name).suffix])
