"""The demo page: the phone, the faults, the orders, and files without anything foreign."""

from __future__ import annotations

import re

import pytest
import yaml

from peyk.web.demo_page import FOLDER
from tests.unit.web.conftest import Edge, StartEdge

PAGE = yaml.safe_load((FOLDER / "page.yml").read_text(encoding="utf-8"))


class TestPhone:
    @pytest.mark.parametrize("to", ["09121234567", "۰۹۱۲۱۲۳۴۵۶۷", "+98 912 123 4567", "0098-912-1234567"])
    def test_messages_to_a_mobile_newest_first(self, edge: Edge, to: str) -> None:
        messages = edge.client.get("/demo/outbox", params={"to": to}).json()
        assert [message["code"] for message in messages] == ["482913", "111222"]
        assert set(messages[0]) == {"to", "text", "code", "at"}
        assert messages[0]["at"] > messages[1]["at"]

    @pytest.mark.parametrize("to", ["+447700900123", "00447700900123"])
    def test_foreign_mobiles(self, edge: Edge, to: str) -> None:
        assert len(edge.client.get("/demo/outbox", params={"to": to}).json()) == 1

    @pytest.mark.parametrize("to", ["", "0912", "' OR 1=1", "09120000000"])
    def test_nothing_for_nobody(self, edge: Edge, to: str) -> None:
        assert edge.client.get("/demo/outbox", params={"to": to}).json() == []


class TestFaults:
    def test_switching_on_and_off(self, edge: Edge) -> None:
        faults = "/demo/faults"
        assert edge.client.get(faults).json() == {"faults": {}}
        assert edge.client.post(faults, json={"system": "post"}).json() == {"faults": {"post": "down"}}
        edge.client.post(faults, json={"system": "tipax", "kind": "slow"})
        assert edge.client.get(faults).json() == {"faults": {"post": "down", "tipax": "slow"}}
        assert edge.client.delete(faults, params={"system": "post"}).json() == {"faults": {"tipax": "slow"}}
        edge.client.post(faults, json={"system": "post"})
        body = edge.client.request("DELETE", faults, json={"system": "tipax"})
        assert body.json() == {"faults": {"post": "down"}}
        assert edge.client.delete(faults).json() == {"faults": {}}

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"system": "moon"}', b'{"system": "post", "kind": "x"}'])
    def test_what_does_not_exist(self, edge: Edge, body: bytes) -> None:
        assert edge.client.post("/demo/faults", content=body).status_code == 422
        assert edge.client.get("/demo/faults").json() == {"faults": {}}


class TestProgress:
    def test_an_order_moves_on_until_its_end(self, edge: Edge) -> None:
        advance = "/demo/orders/TS-104233/advance"
        assert edge.client.post(advance).json() == {"order": "TS-104233", "status": "shipped"}
        assert edge.client.post(advance).json() == {"order": "TS-104233", "status": None}
        assert edge.client.post("/demo/orders/TS-999999/advance").status_code == 404

    def test_outside_demo_mode_nothing_moves(self, start_edge: StartEdge) -> None:
        edge = start_edge(mode="production")
        assert edge.client.post("/demo/orders/TS-104233/advance").status_code == 404


class TestPage:
    def test_the_page_and_its_files(self, edge: Edge) -> None:
        page = edge.client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self'; style-src 'self'" in page.headers["content-security-policy"]
        links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert sorted(links) == [
            "/demo/icon.svg",
            "/demo/page.css",
            "/demo/page.js",
            "/demo/telegram.js",
            "/widget/peyk.js",
        ]
        # By a build of its own: test_widget.py.
        links.remove("/widget/peyk.js")
        for link in links:
            assert edge.client.get(link).status_code == 200
        assert edge.client.get("/demo/page.yml").status_code == 404
        assert edge.client.get("/demo/../app.py").status_code == 404
        assert edge.client.get("/demo/%2e%2e%2fapp.py").status_code == 404

    def test_nothing_inline_and_nothing_foreign(self) -> None:
        page = (FOLDER / "index.html").read_text(encoding="utf-8")
        assert "<style" not in page
        assert "style=" not in page
        assert not re.search(r"\son\w+=", page)
        for name in ("index.html", "page.js", "telegram.js", "page.css"):
            content = (FOLDER / name).read_text(encoding="utf-8")
            assert not re.findall(r"https?://[\w.]", content)
            assert "innerHTML" not in content

    def test_every_text_the_page_shows_exists_in_both_languages(self, edge: Edge) -> None:
        page = (FOLDER / "index.html").read_text(encoding="utf-8")
        script = "".join((FOLDER / name).read_text(encoding="utf-8") for name in ("page.js", "telegram.js"))
        used = set(re.findall(r'data-text="(\w+)"', page)) | set(re.findall(r'say\("(\w+)"\)', script))
        shown = edge.client.get("/demo/page").json()
        assert used | set(shown["kinds"]) <= set(shown["texts"])
        for entry in [*shown["texts"].values(), *shown["systems"]]:
            assert entry["fa"]
            assert entry["en"]
        for product in shown["products"]:
            assert f'id="art-{product["art"]}"' in page
            assert set(product["fa"]) == set(product["en"]) == {"name", "price", "ask"}

    def test_the_shop_has_the_name_its_text_messages_have(self, edge: Edge) -> None:
        settings = edge.parts.settings
        shown = edge.client.get("/demo/page").json()["texts"]["shop"]
        assert shown == {"fa": settings.shop_name_fa, "en": settings.shop_name_en}

    def test_every_label_has_its_field(self) -> None:
        page = (FOLDER / "index.html").read_text(encoding="utf-8")
        for field in re.findall(r'<label for="(\w+)"', page):
            assert f'id="{field}"' in page

    def test_the_stories_are_the_demo_shops(self, edge: Edge) -> None:
        stories = edge.client.get("/demo/stories").json()
        assert len(stories) == 19
        for story in stories:
            assert re.fullmatch(r"TS-\d{6}", story["order"])
            for language in ("fa", "en"):
                assert story["order"] in story[language]["ask"]
                assert story[language]["story"]
