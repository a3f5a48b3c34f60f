"""The demo page when something is broken: a carrier, the text messages, the server itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Watch
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CARRIER_SILENT = {"fa": "شرکت حمل همین حالا پاسخ نمی‌دهد", "en": "The carrier does not answer right now"}
OFFLINE = "سرور پاسخ نمی‌دهد"
NO_LINE = "اتصال برقرار نیست"


@pytest.fixture
def mended(peyk: Stack) -> Iterator[None]:
    """Whatever is broken works again after the test."""
    yield
    peyk.http.delete("/demo/faults").raise_for_status()


@pytest.mark.usefixtures("mended")
class TestFaults:
    @pytest.mark.parametrize(
        ("language", "carrier", "down", "works"),
        [("fa", "پست ایران", "از کار افتاده", "کار می‌کند"), ("en", "Iran Post", "down", "works")],
    )
    def test_a_silent_carrier_is_admitted(self, chat: Chat, language: str, carrier: str, down: str, works: str) -> None:
        chat.choose(language)
        question, silent = chat.around.order_question, CARRIER_SILENT[language]
        assert silent not in chat.ask(question)
        switch = chat.page.get_by_role("combobox", name=carrier)
        with chat.page.expect_response("**/demo/faults"):
            switch.select_option(down)
        assert silent in chat.ask(question)
        chat.page.reload()
        expect(switch.locator("option:checked")).to_have_text(down)
        with chat.page.expect_response("**/demo/faults"):
            switch.select_option(works)
        assert silent not in chat.ask(question)

    def test_a_code_that_cannot_be_sent_is_admitted(self, chat: Chat) -> None:
        with chat.page.expect_response("**/demo/faults"):
            chat.page.get_by_role("combobox", name="سامانهٔ پیامک").select_option("از کار افتاده")
        # A complaint asks for the mobile at once.
        assert "شمارهٔ همراهی" in chat.ask("سفارش TS-104250 ناقص رسید، بقیه‌اش کجاست؟")
        answer = chat.enter(chat.words.mobile, "09121113300")
        assert "0912***00 پیامک شد" not in answer
        assert "نمی‌توانم کد تأیید بفرستم" in answer
        expect(chat.sms).to_have_text("هنوز پیامکی نرسیده است.")


class TestServerGone:
    def test_page_and_widget_say_so_and_lose_nothing(self, chat: Chat, peyk: Stack, watch: Watch) -> None:
        page, question = chat.page, "سفارش TS-104233 کجاست؟"
        offline = page.locator("#offline")
        chat.say("سلام")
        expect(offline).to_have_text("")
        peyk.kill("edge")
        try:
            expect(chat.status).to_contain_text(NO_LINE)
            chat.input.fill(question)
            chat.input.press("Enter")
            expect(chat.said).to_have_text(question)
            expect(chat.mine.last.get_by_role("img", name="در انتظار فرستادن")).to_be_visible()
            expect(offline).to_contain_text(OFFLINE)
            # A switch goes back to what is true, and what is being typed stays.
            switch = page.get_by_role("combobox", name="چاپار")
            with page.expect_event("requestfailed"):
                switch.select_option("از کار افتاده")
            expect(switch.locator("option:checked")).to_have_text("کار می‌کند")
            chat.input.fill("پیام نیمه‌کاره")
        finally:
            peyk.restart("edge")
        expect(offline).to_have_text("")
        # It goes by itself, once, and is answered.
        assert "TS-104233" in chat.answered()
        expect(chat.status).not_to_contain_text(NO_LINE)
        expect(chat.input).to_have_value("پیام نیمه‌کاره")
        expect(chat.input).to_be_focused()
        page.reload()
        expect(chat.said).to_have_text(question)
        expect(chat.mine).to_have_count(2)
        expect(chat.input).to_have_value("پیام نیمه‌کاره")
        assert watch.complaints
        assert all("net::ERR_" in complaint for complaint in watch.complaints)
        watch.complaints.clear()
