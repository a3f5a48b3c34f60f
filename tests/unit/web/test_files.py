"""Files at the edge: uploads that lie about their size, links, headers, and what a message with a file is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from peyk.channels import Incoming
from peyk.domain.files import StoredFile
from peyk.errors import Unavailable
from peyk.i18n import text
from peyk.ports.files import FileRefused
from peyk.services.files import PATH
from peyk.web.files import UPLOAD_PATHS, Evidence, disposition
from peyk.web.guard import Guard
from tests.fakes.evidence import document, photo, picture
from tests.unit.services.fakes import NOW
from tests.unit.web.conftest import Edge

MEGABYTE = 1024 * 1024


def file_of(name: str, media_type: str = "image/jpeg") -> StoredFile:
    return StoredFile("f", "c1", name, media_type, 1, "", NOW)


class Uploads:
    """The route another module makes of `receive_upload`, with the guard before it."""

    def __init__(self, edge: Edge) -> None:
        self.evidence = Evidence(edge.parts.files)
        web = FastAPI()

        @web.post("/chat/files")
        async def upload(request: Request) -> Response:
            try:
                file = await self.evidence.receive_upload("c1", request)
            except FileRefused as exc:
                return self.evidence.refused(exc.code, "en")
            return JSONResponse({"file": file.as_custom()})

        @web.post("/other")
        async def other(request: Request) -> Response:
            return JSONResponse({"size": len(await request.body())})

        self.app = Guard(web, "en", large=[self.evidence.large_bodies()])

    def post(self, path: str = "/chat/files", **request: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
                return await client.post(path, **request)

        return asyncio.run(send())

    def upload(self, content: bytes, name: str = "photo.jpg", media_type: str = "image/jpeg") -> httpx.Response:
        return self.post(files={"file": (name, content, media_type)})


@pytest.fixture
def uploads(edge: Edge) -> Iterator[Uploads]:
    made = Uploads(edge)
    yield made
    made.evidence.stop()


class TestUploads:
    def test_a_picture_is_taken(self, uploads: Uploads) -> None:
        answer = uploads.upload(photo(), "عکس.jpg")
        assert answer.status_code == 200
        assert {"name": "عکس.jpg", "type": "image/jpeg"}.items() <= answer.json()["file"].items()

    @pytest.mark.parametrize(
        ("content", "name", "media_type", "status", "code"),
        [
            (b"<svg onload=alert(1)/>", "a.png", "image/png", 415, "type"),
            (b"<html>", "a.jpg", "image/jpeg", 415, "type"),
            (b"MZ", "a.pdf", "application/pdf", 415, "type"),
            (b"", "a.pdf", "application/pdf", 415, "type"),
            (picture()[:300], "a.jpg", "image/jpeg", 422, "broken"),
            (b"\xff\xd8\xff" + b"x" * 5 * MEGABYTE, "a.jpg", "image/jpeg", 413, "too_large"),
        ],
    )
    def test_a_file_that_lies_is_refused(
        self, uploads: Uploads, content: bytes, name: str, media_type: str, status: int, code: str
    ) -> None:
        answer = uploads.upload(content, name, media_type)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["text"] == text(f"files.refused_{code}", "en", limit="5")

    def test_what_it_says_it_is_does_not_matter(self, uploads: Uploads) -> None:
        answer = uploads.upload(document(), "photo.jpg", "image/jpeg")
        assert answer.json()["file"]["type"] == "application/pdf"
        assert answer.json()["file"]["name"] == "photo.pdf"

    def test_a_length_that_lies_does_not_help(self, uploads: Uploads) -> None:
        sent = 0

        async def endless() -> Any:
            nonlocal sent
            while True:
                sent += MEGABYTE
                yield b"x" * MEGABYTE

        answer = uploads.post(
            content=endless(), headers={"Content-Length": "10", "Content-Type": "multipart/form-data"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
        assert answer.headers["connection"] == "close"
        assert sent <= 7 * MEGABYTE

    def test_a_length_that_is_too_much_is_not_read(self, uploads: Uploads) -> None:
        answer = uploads.post(content=b"x", headers={"Content-Length": str(6 * MEGABYTE)})
        assert answer.status_code == 413

    @pytest.mark.parametrize("path", ["/other", "/chat/files/", "/chat/filesx", "/webhooks/rest/webhook"])
    def test_elsewhere_a_body_is_small(self, uploads: Uploads, path: str) -> None:
        answer = uploads.post(path, content=b"x" * 70_000)
        assert answer.status_code == 413
        # What is said is said of a message, and not of a file.
        assert text("edge_too_large", "en") in answer.text

    @pytest.mark.parametrize(
        "request_",
        [
            {"content": b"x", "headers": {"Content-Type": "text/plain"}},
            {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
            {"content": b"--b\r\nContent-Dis", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            {"data": {"file": "not a file"}},
            {"files": [("a", ("a.jpg", photo())), ("b", ("b.jpg", photo()))]},
        ],
    )
    def test_what_is_no_upload_of_one_file(self, uploads: Uploads, request_: dict[str, Any]) -> None:
        answer = uploads.post(**request_)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "missing")

    def test_where_large_ones_may_go(self) -> None:
        assert UPLOAD_PATHS.fullmatch("/console/conversations/t-1/files")
        assert not UPLOAD_PATHS.fullmatch("/console/../x/files/more")


class TestLinks:
    def test_a_picture_is_shown_and_nothing_in_it_runs(self, edge: Edge) -> None:
        file = edge.parts.files.receive("c1", "عکس «خانه».jpg", photo())
        answer = edge.client.get(edge.parts.files.link(file.id))
        assert answer.status_code == 200
        assert answer.content == edge.parts.files.read(file.id)[1].read_bytes()
        headers = answer.headers
        assert headers["content-type"] == "image/jpeg"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "sandbox" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["content-disposition"].startswith("inline; ")
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"

    def test_a_document_is_saved(self, edge: Edge) -> None:
        file = edge.parts.files.receive("c1", "invoice.pdf", document())
        answer = edge.client.get(edge.parts.files.link(file.id))
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers["content-type"] == "application/pdf"

    @pytest.mark.parametrize("token", ["x", "WyJ4IiwxXQ.AAAA", "..%2f..%2fpeyk.db", "%00", "x" * 3000])
    def test_a_forged_one_opens_nothing(self, edge: Edge, token: str) -> None:
        answer = edge.client.get(PATH + token)
        assert answer.status_code == 404

    def test_one_that_is_over_opens_nothing_and_says_so(self, edge: Edge) -> None:
        file = edge.parts.files.receive("c1", "a.jpg", photo())
        link = edge.parts.files.link(file.id)
        edge.parts.clock.advance(minutes=15)
        answer = edge.client.get(link)
        assert (answer.status_code, answer.text) == (404, text("files.link_over", "fa"))

    def test_an_id_is_no_link(self, edge: Edge) -> None:
        file = edge.parts.files.receive("c1", "a.jpg", photo())
        assert edge.client.get(PATH + file.id).status_code == 404

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("photo.jpg", "inline; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
            ('a"b\\c.jpg', "inline; filename=\"a_b_c.jpg\"; filename*=UTF-8''a%22b%5Cc.jpg"),
            ("a\r\nX: y.jpg", "inline; filename=\"a__X_ y.jpg\"; filename*=UTF-8''a%0D%0AX%3A%20y.jpg"),
            ("عکس.jpg", "inline; filename=\"___.jpg\"; filename*=UTF-8''%D8%B9%DA%A9%D8%B3.jpg"),
        ],
    )
    def test_a_name_breaks_no_header(self, name: str, shown: str) -> None:
        assert disposition(file_of(name)) == shown

    def test_a_picture_can_be_saved(self) -> None:
        assert disposition(file_of("photo.jpg"), download=True).startswith("attachment; ")


class TestAcknowledged:
    def test_a_store_that_is_away_is_no_word_of_thanks(self, edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object) -> None:
            raise Unavailable("store")

        evidence = Evidence(edge.parts.files)
        monkeypatch.setattr(edge.parts.files, "attach", away)
        with pytest.raises(Unavailable):
            asyncio.run(evidence.acknowledge("c1", [file_of("a.jpg")], "en"))
        evidence.stop()

    def test_who_asks_the_bot(self) -> None:
        file = file_of("a.jpg")
        assert not Incoming("c1", "webchat", files=(file,)).asks_bot
        assert Incoming("c1", "webchat", text="hello", files=(file,)).asks_bot
        assert Incoming("c1", "webchat", token="b:1").asks_bot
        assert not Incoming("c1", "webchat", text="[sticker]", for_bot=False).asks_bot
