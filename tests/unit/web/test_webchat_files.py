"""A page that stays open gets fresh links to its files: through its own session, and for what it may still see."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from peyk.domain.identity import Verification
from peyk.i18n import text
from tests.fakes.evidence import photo
from tests.unit.web.chat_steps import Browser, bearer, conversation_of
from tests.unit.web.conftest import Edge


def upload(edge: Edge, browser: Browser, content: bytes = b"") -> str:
    """Send a file ahead of its message; return its id."""
    files = {"file": ("box.jpg", content or photo())}
    return str(edge.client.post("/chat/files", files=files, headers=bearer(browser.token)).json()["file"]["id"])


def sent(edge: Edge, browser: Browser) -> tuple[int, str]:
    """Say a file; return the entry's number and the file's id."""
    file_id = upload(edge, browser)
    browser.say(text="the box", files=[file_id])
    return int(browser.wait_for("entry", author="customer")["seq"]), file_id


def ask(edge: Edge, token: str, seq: object, file_id: str) -> httpx.Response:
    return edge.client.get(f"/chat/messages/{seq}/files/{file_id}", headers=bearer(token))


def test_a_page_that_was_open_for_long_opens_its_file(edge: Edge) -> None:
    browser = Browser(edge)
    seq, file_id = sent(edge, browser)
    (shown,) = browser.frames[-1]["files"]
    assert edge.client.get(shown["url"]).status_code == 200
    edge.parts.clock.advance(minutes=16)
    assert edge.client.get(shown["url"]).status_code == 404
    answer = ask(edge, browser.token, seq, file_id)
    assert answer.status_code == 200
    fresh = answer.json()["url"]
    assert edge.client.get(fresh).status_code == 200
    edge.parts.clock.advance(minutes=16)
    assert edge.client.get(fresh).status_code == 404


def test_nobody_else_is_given_one(edge: Edge) -> None:
    browser, other = Browser(edge), Browser(edge)
    seq, file_id = sent(edge, browser)
    other_seq, other_file = sent(edge, other)
    assert seq == other_seq
    for token, wanted in ((other.token, file_id), (browser.token, other_file)):
        answer = ask(edge, token, seq, wanted)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "file_gone")
        assert answer.json()["error"]["text"] == text("edge_file_gone", "en")
    assert ask(edge, browser.token + "x", seq, file_id).status_code == 401
    assert edge.client.get(f"/chat/messages/{seq}/files/{file_id}").status_code == 401


@pytest.mark.parametrize(("place", "status"), [(0, 404), (2, 404), (99, 404), (2**40, 400), ("x", 400), ("-1", 400)])
def test_only_for_the_entry_that_names_it(edge: Edge, place: object, status: int) -> None:
    browser = Browser(edge)
    _, file_id = sent(edge, browser)
    browser.entries(1)
    assert ask(edge, browser.token, place, file_id).status_code == status


def test_what_is_hidden_is_not_opened(edge: Edge) -> None:
    browser = Browser(edge)
    here = conversation_of(edge, browser.token)
    ends = edge.parts.clock.now() + timedelta(minutes=10)
    edge.parts.verifications.grant(Verification(here, "09121234567", "otp", ends))
    seq, file_id = sent(edge, browser)
    browser.entries(1)
    assert ask(edge, browser.token, seq, file_id).status_code == 200
    edge.parts.clock.advance(minutes=11)
    (hidden, *_) = Browser(edge, browser.token).welcome["entries"]
    assert hidden["hidden"]
    assert ask(edge, browser.token, seq, file_id).status_code == 404


def test_one_that_is_gone_is_not_there(edge: Edge) -> None:
    browser = Browser(edge)
    seq, file_id = sent(edge, browser)
    edge.parts.files.read(file_id)[1].unlink()
    assert ask(edge, browser.token, seq, file_id).status_code == 404
