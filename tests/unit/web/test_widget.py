"""The widget's files, as browsers on a shop's page load them."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest

from peyk.web import widget
from tests.unit.web.conftest import StartEdge

SCRIPT = "customElements.define('peyk-chat', class {});" * 20


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it."""
    (tmp_path / "fonts").mkdir()
    (tmp_path / "peyk.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "fonts" / "vazirmatn-arabic.woff2").write_bytes(b"wOF2")
    (tmp_path / "peyk.1a2b3c4d5e.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret.py").write_text("no", encoding="utf-8")
    return tmp_path


@pytest.fixture
def browser(start_edge: StartEdge, built: Path, monkeypatch: pytest.MonkeyPatch) -> httpx.Client:
    """A browser before an edge whose widget is built."""
    monkeypatch.setattr(widget, "FOLDER", built)
    return start_edge().client


def test_every_page_may_load_it(browser: httpx.Client) -> None:
    response = browser.get("/widget/peyk.js", headers={"Origin": "https://shop.example"})
    assert response.status_code == 200
    assert response.text == SCRIPT
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["x-content-type-options"] == "nosniff"
    font = browser.get("/widget/fonts/vazirmatn-arabic.woff2")
    assert font.headers["content-type"] == "font/woff2"
    assert font.headers["access-control-allow-origin"] == "*"


def test_it_is_kept_until_it_changes(browser: httpx.Client, built: Path) -> None:
    first = browser.get("/widget/peyk.js")
    tag = first.headers["etag"]
    assert "max-age=300" in first.headers["cache-control"]
    assert browser.get("/widget/peyk.js", headers={"If-None-Match": tag}).status_code == 304
    for_ever = browser.get(f"/widget/peyk.js?v={tag[3:-1]}")
    assert "immutable" in for_ever.headers["cache-control"]
    assert "immutable" in browser.get("/widget/peyk.1a2b3c4d5e.js").headers["cache-control"]
    assert "immutable" not in browser.get("/widget/fonts/vazirmatn-arabic.woff2").headers["cache-control"]
    (built / "peyk.js").write_text(SCRIPT + "//", encoding="utf-8")
    changed = browser.get("/widget/peyk.js", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.text.endswith("//")


def test_it_travels_compressed(browser: httpx.Client) -> None:
    with browser.stream("GET", "/widget/peyk.js", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(response.iter_raw())).decode() == SCRIPT
    plain = browser.get("/widget/peyk.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    "name", ["secret.py", "../widget.py", "%2e%2e/widget.py", "nothing.js", "fonts/", "", "a//b.js"]
)
def test_nothing_else_is_given_out(browser: httpx.Client, name: str) -> None:
    assert browser.get(f"/widget/{name}").status_code == 404


def test_what_is_not_built_is_said_once(
    start_edge: StartEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(widget, "FOLDER", tmp_path)
    edge = start_edge()
    for _ in range(3):
        assert edge.client.get("/widget/peyk.js").status_code == 404
    assert capsys.readouterr().out.count("widget.not_built") == 1
