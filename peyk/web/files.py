"""Files at the edge: uploads in, links that expire out, and the sentence that says a file has arrived.

What looks into files runs on threads of its own, so that a large picture never keeps a message waiting.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from peyk.channels import Refused
from peyk.domain.conversations import Utterance
from peyk.domain.files import PICTURES, StoredFile
from peyk.errors import ExternalError, NotFound
from peyk.i18n import localise_digits, text
from peyk.ports.files import FileRefused
from peyk.services.files import Files
from peyk.web.guard import BodyLimit, LargeBodies

log = structlog.get_logger(__name__)

THREADS = 4
# Where the widget's customers and the console's agents send files to.
UPLOAD_PATHS = re.compile(r"/chat/files|/console/(?:[\w.~-]+/)*files", re.ASCII)
# Borders and names round the file; other fields are not read.
MULTIPART_BYTES = 64 * 1024
UPLOAD_TIMEOUT_S = 60.0
MAX_FIELDS = 8
STATUSES = {"too_large": 413, "type": 415, "too_many": 429, "busy": 503, "unavailable": 503}
BROKEN_STATUS = 422
MEGABYTE = 1024 * 1024
# Nothing of a file is run, whatever a browser takes it for; a shop's page may show a picture all the same.
FILE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}

T = TypeVar("T")


class Evidence:
    """The edge's way to files."""

    def __init__(self, files: Files) -> None:
        """Take the service; no thread is started before the first file."""
        self.files = files
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="edge-files")

    async def run(self, call: Callable[[], T]) -> T:
        """Run what looks into files off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def receive(self, conversation_id: str, name: str, raw: bytes) -> StoredFile:
        """Take a customer's file. Raises FileRefused, or Unavailable."""
        return await self.run(lambda: self.files.receive(conversation_id, name, raw))

    async def receive_upload(self, conversation_id: str, request: Request, by: str | None = None) -> StoredFile:
        """Take the one file of a multipart request, of the customer or of the agent `by`.

        Raises FileRefused (`missing` when there is none), or Unavailable.
        """
        name, raw = await _uploaded(request, self.files.max_bytes)
        if by is None:
            return await self.receive(conversation_id, name, raw)
        return await self.run(lambda: self.files.receive(conversation_id, name, raw, by))

    async def acknowledge(self, conversation_id: str, files: Sequence[StoredFile], language: str) -> Utterance:
        """Attach files to the request they belong to, and return the sentence that says so. Raises Unavailable."""
        ticket = await self.run(lambda: self.files.attach(conversation_id, files))
        if ticket is None:
            return Utterance(text("files.received", language))
        return Utterance(text("files.received_ticket", language, ticket=ticket))

    def refusal(self, code: str, language: str) -> Utterance:
        """Return what is said of a file that is not taken; `code` is that of FileRefused, or `unavailable`."""
        limit = localise_digits(f"{self.files.max_bytes / MEGABYTE:g}", language)
        return Utterance(text(f"files.refused_{code}", language, limit=limit), custom={"error": f"file_{code}"})

    def refused(self, code: str, language: str) -> Response:
        """Return the answer to an upload that is not taken."""
        said = {"code": code, "text": self.refusal(code, language).text}
        return JSONResponse({"error": said}, STATUSES.get(code, BROKEN_STATUS))

    def large_bodies(self) -> LargeBodies:
        """Return which requests may be as large as a file."""
        limit = BodyLimit(self.files.max_bytes + MULTIPART_BYTES, UPLOAD_TIMEOUT_S, self._refused_body)
        return LargeBodies(UPLOAD_PATHS, limit)

    async def sweep(self) -> int:
        """Remove bytes that no file has; return of how many."""
        return await self.run(self.files.sweep)

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _refused_body(self, refused: Refused, language: str) -> Response:
        code = refused.code if refused.code in STATUSES else "unavailable"
        response = self.refused(code, language)
        response.status_code = refused.status
        return response


def routes(evidence: Evidence, language: str) -> APIRouter:
    """Return the route that opens files; `language` is that of pages for links that are over."""
    router = APIRouter(include_in_schema=False)

    @router.get("/files/{token}")
    async def opened(token: str, download: bool = False) -> Response:
        """Return a file to who has a link to it."""
        try:
            file, path = await evidence.run(lambda: evidence.files.open(token))
        except NotFound:
            return PlainTextResponse(text("files.link_over", language), 404)
        except ExternalError as exc:
            log.warning("files.unavailable", error=str(exc))
            return PlainTextResponse(text("files.refused_unavailable", language), 503)
        headers = {**FILE_HEADERS, "Content-Disposition": disposition(file, download=download)}
        return FileResponse(path, media_type=file.media_type, headers=headers)

    return router


def disposition(file: StoredFile, *, download: bool = False) -> str:
    """Return the Content-Disposition of a file (RFC 6266): pictures are shown, documents are saved."""
    kind = "inline" if file.media_type in PICTURES and not download else "attachment"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in file.name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"


async def _uploaded(request: Request, max_bytes: int) -> tuple[str, bytes]:
    """Return name and content of the one file of a multipart body; the guard has seen to the body's size."""
    try:
        async with request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MULTIPART_BYTES) as form:
            found = [part for part in form.values() if isinstance(part, UploadFile)]
            if not found:
                raise FileRefused("missing")
            raw = await found[0].read(max_bytes + 1)
            return found[0].filename or "", raw
    except (HTTPException, KeyError, ValueError):
        # Not multipart, or more than one file, or cut off.
        raise FileRefused("missing") from None
