"""Photos and documents that customers send to Telegram: evidence, acknowledged honestly, whatever goes wrong."""

from __future__ import annotations

import logging

import pytest

from peyk.channels.telegram.message_parts import PHOTO_BYTES
from peyk.domain.conversations import Author, Entry
from peyk.domain.files import StoredFile
from peyk.domain.queues import Priority
from peyk.domain.tickets import TicketReason
from peyk.errors import Unavailable
from peyk.i18n import localise_digits, text
from peyk.store.tickets import BuiltinHelpdesk
from peyk.text.isolate import without_isolation
from tests.fakes.evidence import SECRET_PLACE, bomb, document, photo, picture
from tests.fakes.telegram import CUSTOMER, TOKEN, FakeTelegram
from tests.fakes.telegram_http import Fault
from tests.unit.web import telegram_steps
from tests.unit.web.conftest import Edge, FakeRasa, Json, StartBot
from tests.unit.web.telegram_steps import here, rows, settle


def texts(telegram: FakeTelegram, chat_id: int = CUSTOMER) -> list[str]:
    return [without_isolation(said) for said in telegram_steps.texts(telegram, chat_id)]


def evidence(edge: Edge) -> list[StoredFile]:
    found = rows(edge, "SELECT id FROM files ORDER BY rowid")
    return [edge.parts.files.read(row.id)[0] for row in found]


def said(edge: Edge) -> list[Entry]:
    return edge.parts.journal.entries(here(edge), after_seq=0, now=edge.parts.clock.now(), limit=100)


def open_ticket(edge: Edge) -> str:
    desk = BuiltinHelpdesk(edge.parts.engine, edge.parts.clock)
    opened = desk.open(
        conversation_id=here(edge),
        reason=TicketReason.DAMAGED,
        order_number=None,
        mobile=None,
        note="",
        priority=Priority.NORMAL,
    )
    return opened.number


class TestTaken:
    def test_a_photo_is_kept_clean_and_acknowledged(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        telegram.send_photo(photo())
        settle(polling, telegram)
        (file,) = evidence(polling)
        assert (file.conversation_id, file.name, file.media_type) == (here(polling), "file.jpg", "image/jpeg")
        assert SECRET_PLACE.encode() not in polling.parts.files.read(file.id)[1].read_bytes()
        assert texts(telegram) == [text("files.received", "fa")]
        assert rasa.requests == []
        question, answer = said(polling)
        assert (question.author, question.text, question.custom) == (
            Author.CUSTOMER,
            None,
            {"files": [file.as_custom()]},
        )
        assert answer.text == text("files.received", "fa")
        assert answer.answers == question.seq

    def test_a_document_keeps_its_name(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.send_document(document(), "../فاکتور\u202e.exe")
        settle(polling, telegram)
        assert [(file.name, file.media_type) for file in evidence(polling)] == [("فاکتور.pdf", "application/pdf")]

    def test_a_caption_is_answered_too(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        telegram.send_photo(photo(), caption="it arrived broken, what now?")
        settle(polling, telegram)
        assert rasa.texts == ["it arrived broken, what now?"]
        assert texts(telegram) == [text("files.received", "en"), "echo it arrived broken, what now?"]
        assert said(polling)[0].custom["files"][0]["name"] == "file.jpg"

    def test_it_goes_to_the_request(self, polling: Edge, telegram: FakeTelegram) -> None:
        number = open_ticket(polling)
        telegram.send_photo(photo())
        settle(polling, telegram)
        assert polling.parts.files.of_ticket(number) == evidence(polling)
        assert number.removeprefix("PK-") in texts(telegram)[0]

    def test_an_album_is_acknowledged_once(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        album: Json = {"media_group_id": "13"}
        telegram.send_photo(picture(size=(20, 20)), caption="see these please", **album)
        telegram.send_photo(picture(size=(30, 20)), **album)
        telegram.send_photo(picture(size=(40, 20)), **album)
        settle(polling, telegram)
        assert len(evidence(polling)) == 3
        assert texts(telegram) == [text("files.received", "en"), "echo see these please"]
        telegram.send_photo(picture(size=(50, 20)), media_group_id="14")
        settle(polling, telegram)
        assert texts(telegram)[-1] == text("files.received", "en")

    def test_what_is_refused_in_an_album_is_said(self, polling: Edge, telegram: FakeTelegram) -> None:
        for content in (b"GIF89a", photo(), b"GIF89b"):
            telegram.send_photo(content, media_group_id="13")
        settle(polling, telegram)
        assert texts(telegram) == [
            text("files.refused_type", "fa"),
            text("files.received", "fa"),
            text("files.refused_type", "fa"),
        ]

    def test_after_a_crash_it_is_taken_and_said_once(self, start_bot: StartBot, telegram: FakeTelegram) -> None:
        telegram.fail(Fault.SERVER_ERROR, "sendMessage", times=10**9)
        first = start_bot()
        telegram.send_photo(photo())
        telegram.wait_for(lambda: any(call.method == "sendMessage" for call in telegram.calls))
        first.stop()
        tried = len(telegram.sent)
        telegram.mend()
        second = start_bot()
        settle(second, telegram)
        assert len(evidence(second)) == 1
        assert len(telegram.sent) == tried + 1
        assert len(said(second)) == 2

    def test_the_largest_photo_we_take_is_fetched(self, polling: Edge, telegram: FakeTelegram) -> None:
        good, huge = telegram.add_file(photo(), "photos/good.jpg"), telegram.add_file(b"huge", "photos/huge.jpg")
        sizes: list[Json] = [
            {"file_id": good, "width": 100, "height": 100, "file_size": 1000},
            {"file_id": huge, "width": 900, "height": 900, "file_size": PHOTO_BYTES + 1},
        ]
        telegram.push(message={**telegram.message(), "photo": sizes})
        settle(polling, telegram)
        assert texts(telegram) == [text("files.received", "fa")]


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "code"),
        [(b"<svg onload=alert(1)>", "type"), (picture()[:300], "broken"), (bomb(), "broken")],
    )
    def test_what_is_not_taken_is_said(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa, content: bytes, code: str
    ) -> None:
        telegram.send_document(content, "photo.jpg")
        settle(polling, telegram)
        assert texts(telegram) == [text(f"files.refused_{code}", "fa")]
        assert evidence(polling) == []
        assert rasa.requests == []
        question, _ = said(polling)
        assert (question.text, question.custom) == (text("telegram.did_file", "fa"), {})

    def test_its_caption_is_answered(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        telegram.send_document(b"MZ", "a.exe", caption="where is my order?")
        settle(polling, telegram)
        assert rasa.texts == ["where is my order?"]
        assert texts(telegram) == [text("files.refused_type", "en"), "echo where is my order?"]

    @pytest.mark.parametrize("told", [None, 10, 6 * 1024 * 1024])
    def test_too_large(self, polling: Edge, telegram: FakeTelegram, told: int | None) -> None:
        file_id = telegram.add_file(b"\xff\xd8\xff" + b"x" * 5 * 1024 * 1024, "photos/1.jpg", told_size=told)
        telegram.push(message={**telegram.message(), "document": {"file_id": file_id}})
        settle(polling, telegram)
        assert texts(telegram) == [text("files.refused_too_large", "fa", limit=localise_digits("5", "fa"))]

    def test_what_says_itself_that_it_is_too_large_is_not_fetched(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.push(message={**telegram.message(), "document": {"file_id": "f", "file_size": 6 * 1024 * 1024}})
        settle(polling, telegram)
        assert len(telegram.sent) == 1
        assert not any(call.method == "getFile" for call in telegram.calls)


class TestFaults:
    @pytest.mark.parametrize("where", ["getFile", "file"])
    @pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.CUT_OFF, Fault.RESET, Fault.RATE_LIMITED, Fault.HTML])
    def test_what_passes_is_tried_again(self, polling: Edge, telegram: FakeTelegram, where: str, fault: Fault) -> None:
        telegram.fail(fault, where, times=2)
        telegram.send_photo(photo())
        settle(polling, telegram)
        assert texts(telegram) == [text("files.received", "fa")]
        assert len(evidence(polling)) == 1

    @pytest.mark.parametrize("where", ["getFile", "file"])
    @pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.CUT_OFF, Fault.BLOCKED])
    def test_what_does_not_pass_is_said_and_nothing_is_held_up(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa, where: str, fault: Fault
    ) -> None:
        telegram.fail(fault, where, times=10**9)
        telegram.send_photo(photo(), caption="look at this please")
        telegram.say("and this")
        settle(polling, telegram)
        assert texts(telegram) == [
            text("files.refused_unavailable", "en"),
            "echo look at this please",
            "echo and this",
        ]
        assert evidence(polling) == []

    def test_a_file_that_is_gone(self, polling: Edge, telegram: FakeTelegram) -> None:
        update = telegram.send_photo(photo())
        telegram.files.clear()
        settle(polling, telegram)
        assert update
        assert texts(telegram) == [text("files.refused_unavailable", "fa")]

    def test_a_full_disk_holds_nothing_up(
        self, polling: Edge, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise Unavailable("files", "no space")

        monkeypatch.setattr(polling.parts.files._blobs, "write", full)
        telegram.send_photo(photo())
        telegram.say("hello there")
        settle(polling, telegram)
        assert texts(telegram) == [text("files.refused_unavailable", "fa"), "echo hello there"]

    def test_the_token_is_in_no_log(
        self, polling: Edge, telegram: FakeTelegram, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        telegram.fail(Fault.HTML, "file", times=1)
        telegram.send_photo(photo())
        telegram.fail(Fault.SERVER_ERROR, "getFile", times=1)
        settle(polling, telegram)
        assert any(path.startswith(f"/file/bot{TOKEN}/") for path in telegram.paths)
        written = "".join(capfd.readouterr()) + caplog.text
        assert TOKEN not in written
        assert TOKEN.partition(":")[2] not in written


class TestOtherKinds:
    @pytest.mark.parametrize("content", ["video", "voice", "audio", "animation"])
    def test_a_caption_of_what_cannot_be_opened_is_answered(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa, content: str
    ) -> None:
        telegram.push(message={**telegram.message(), content: {"file_id": "f"}, "caption": "where is my order?"})
        settle(polling, telegram)
        assert rasa.texts == ["where is my order?"]
        assert texts(telegram) == [text("telegram.notice_cannot_open", "en"), "echo where is my order?"]

    def test_a_sticker_is_in_the_journal(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        telegram.push(message={**telegram.message(), "sticker": {}})
        settle(polling, telegram)
        question, answer = said(polling)
        assert question.text == text("telegram.did_other", "fa")
        assert answer.text == text("telegram.notice_not_understood", "fa")
        assert rasa.requests == []
        assert texts(telegram, CUSTOMER) == [answer.text]
