"""The demo page in a real browser, before a real Rasa, action server and edge."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.chat import WORDINGS, Chat
from tests.e2e.conftest import Watch
from tests.stack import WEBHOOK, Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PERSIAN = re.compile(r"[\u0600-\u06ff]")
CARRIER_SILENT = {"fa": "شرکت حمل همین حالا پاسخ نمی‌دهد", "en": "The carrier does not answer right now"}
FAILED = "پاسخی از سرور نرسید"
OFFLINE = "سرور پاسخ نمی‌دهد"

# Where each character of a text stands, from its own box on the screen.
LEFT_EDGES = """(element, wanted) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const place = node.data.indexOf(wanted);
    if (place < 0) continue;
    return Array.from(wanted, (_, step) => {
      const range = document.createRange();
      range.setStart(node, place + step);
      range.setEnd(node, place + step + 1);
      return range.getClientRects()[0].left;
    });
  }
  return [];
}"""
BEYOND_THE_EDGE = """() => [...document.querySelectorAll("body *")]
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([element, box]) => !element.closest(".who") && (box.left < -1 || box.right > innerWidth + 1))
  .map(([element]) => element.outerHTML.slice(0, 80))"""
UNLABELLED = """() => [...document.querySelectorAll("input, select, button")]
  .filter((element) => !(element.labels && element.labels.length) && !element.textContent.trim())
  .map((element) => element.outerHTML)"""
INLINE = """() => [...document.querySelectorAll("*")]
  .filter((element) => element.matches("script:not([src]), style, [style]")
    || element.getAttributeNames().some((name) => name.startsWith("on")))
  .map((element) => element.outerHTML)"""


def reads_left_to_right(place: Locator, identifier: str) -> bool:
    """Say whether an identifier is on the screen in the order it is written."""
    edges = place.evaluate(LEFT_EDGES, identifier)
    assert len(edges) == len(identifier), f"{identifier} is not in {place.inner_text()!r}"
    return edges == sorted(edges) and len(set(edges)) == len(edges)


def direction(place: Locator) -> str:
    """Return the direction a text runs in on the screen."""
    return str(place.evaluate("(element) => getComputedStyle(element).direction"))


def focused(page: Page) -> str:
    """Return what a screen reader would call the element that has the focus."""
    return str(
        page.evaluate("""() => {
          const element = document.activeElement;
          if (element === document.body) return "nothing";
          const label = element.labels && element.labels[0];
          return (label ? label.childNodes[0].textContent : element.id === "log" ? "log" : element.textContent).trim();
        }""")
    )


class TestConversations:
    def test_persian_from_a_click_to_the_details(self, chat: Chat) -> None:
        answer = chat.ask("سفارش TS-104233 کجاست؟")
        expect(chat.said).to_have_text("سفارش TS-104233 کجاست؟")
        assert "ارسال شده" in answer
        assert "هدفون" not in answer
        chat.press(chat.words.details)
        details = chat.verify()
        assert "هدفون" in details
        assert "TRK-" in details
        assert "تأیید شد" in details

    def test_english_from_a_click_to_the_details(self, chat: Chat) -> None:
        chat.choose("en")
        answer = chat.ask("TS-104180 is late, where is it?")
        assert "TS-104180" in answer
        assert not PERSIAN.search(answer)
        chat.press(chat.words.details)
        expect(chat.page.get_by_role("textbox", name=chat.words.mobile)).to_have_value("09351112233")
        details = chat.verify()
        assert "your number is verified" in details
        assert "Tipax" in details
        assert not PERSIAN.search(details)

    def test_a_question_in_the_other_language_of_the_page(self, chat: Chat) -> None:
        answer = chat.ask("Where is my order TS-104150?")
        assert "TS-104150" in answer
        for english in (chat.said, chat.answer.locator("p").first):
            assert direction(english) == "ltr"
            expect(english).to_have_attribute("lang", "en")

    def test_a_new_conversation_knows_nothing_of_the_old_one(self, chat: Chat) -> None:
        chat.ask("وضعیت سفارش TS-104201 چیست؟")
        chat.page.get_by_role("button", name=chat.words.again).click()
        expect(chat.log).to_be_empty()
        expect(chat.input).to_be_focused()
        assert "TS-104201" not in chat.say("کجاست؟")

    def test_an_answer_to_the_conversation_before_is_dropped(self, chat: Chat) -> None:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        chat.page.route(f"**{WEBHOOK}", hold)
        with chat.page.expect_request(f"**{WEBHOOK}"):
            chat.input.fill(chat.words.order_question)
            chat.input.press("Enter")
        expect(chat.log).to_have_attribute("aria-busy", "true")
        chat.page.get_by_role("button", name=chat.words.again).click()
        with chat.page.expect_response(f"**{WEBHOOK}"):
            held[0].continue_()
        expect(chat.log).to_have_attribute("aria-busy", "false")
        expect(chat.log).to_be_empty()


class TestKeyboard:
    def test_a_conversation_without_a_mouse(self, chat: Chat) -> None:
        page = chat.page
        chat.say("سفارش TS-104210 کجاست؟")
        expect(chat.input).to_be_focused()
        # Back from the input over the answer's buttons, the last one first.
        titles = chat.answer.get_by_role("button").all_inner_texts()
        assert chat.words.details in titles
        for title in reversed(titles[titles.index(chat.words.details) :]):
            page.keyboard.press("Shift+Tab")
            assert focused(page) == title
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        chat.answered()
        # The focus stays where the customer was, and the way on leads to the input again.
        assert focused(page) == chat.words.details
        for _ in titles[titles.index(chat.words.details) :]:
            page.keyboard.press("Tab")
        expect(chat.input).to_be_focused()
        page.keyboard.type("09331112211")
        page.keyboard.press("Tab")
        assert focused(page) == chat.words.send
        page.keyboard.press("Space")
        assert "0933***11" in chat.answered()
        expect(chat.input).to_be_focused()

    def test_tab_goes_through_the_page_in_reading_order(self, chat: Chat) -> None:
        chat.page.locator("[data-language=en]").focus()
        order = []
        for _ in range(7):
            chat.page.keyboard.press("Tab")
            order.append(focused(chat.page))
        words = chat.words
        assert order == ["log", words.message, words.send, words.again, words.mobile, "سامانهٔ فروشگاه", "درگاه پرداخت"]

    def test_a_click_leaves_the_focus_where_one_goes_on(self, chat: Chat) -> None:
        chat.ask("سفارش TS-104241 ثبت شد؟")
        expect(chat.input).to_be_focused()
        chat.input.fill("ممنون")
        chat.page.get_by_role("button", name=chat.words.send, exact=True).click()
        expect(chat.input).to_be_focused()
        chat.page.locator("[data-language=en]").click()
        assert focused(chat.page) == "English"


class TestReading:
    def test_screen_readers_hear_the_answers(self, chat: Chat) -> None:
        expect(chat.log).to_have_attribute("aria-live", "polite")
        chat.ask("سفارش TS-104220 کجاست؟")
        who = chat.log.locator(".who")
        assert who.all_text_contents()[:2] == ["شما: ", "پیک: "]
        assert chat.page.get_by_role("status").count() == 1

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_everything_has_a_name(self, chat: Chat, language: str) -> None:
        chat.choose(language)
        expect(chat.page.get_by_role("combobox")).to_have_count(8)
        assert chat.page.evaluate(UNLABELLED) == []
        for word in (chat.words.message, chat.words.mobile):
            expect(chat.page.get_by_role("textbox", name=word)).to_be_visible()

    def test_identifiers_keep_their_order_in_persian(self, chat: Chat) -> None:
        chat.ask(chat.words.order_question)
        for place in (chat.said, chat.answer.locator("p").first):
            assert direction(place) == "rtl"
            assert reads_left_to_right(place, "TS-104233")
        chat.press(chat.words.details)
        assert "0912***67" in chat.say("09121234567")
        assert direction(chat.answer.locator("p").first) == "rtl"
        assert reads_left_to_right(chat.answer.locator("p").first, "0912***67")
        assert reads_left_to_right(chat.said, "09121234567")
        asked = chat.page.get_by_role("button", name=chat.words.order_question)
        assert reads_left_to_right(asked, "TS-104233")
        assert reads_left_to_right(chat.page.get_by_role("cell", name="+447700900123"), "+447700900123")

    def test_html_of_a_customer_is_text(self, chat: Chat) -> None:
        typed = "<img src=x onerror=\"document.title='caught'\"><b>سلام</b><script>document.title='caught'</script>"
        chat.say(typed)
        assert chat.said.inner_text() == typed
        assert chat.log.locator("img, b, script").count() == 0
        expect(chat.page).to_have_title("پیک: سفارشم کجاست؟")


class TestLanguages:
    def test_persian_first_then_english_and_it_is_remembered(self, chat: Chat) -> None:
        page, html = chat.page, chat.page.locator("html")
        expect(page).to_have_title("پیک: سفارشم کجاست؟")
        expect(html).to_have_attribute("lang", "fa")
        expect(html).to_have_attribute("dir", "rtl")
        chat.choose("en")
        page.reload()
        expect(page).to_have_title("Peyk: where is my order?")
        expect(html).to_have_attribute("lang", "en")
        expect(html).to_have_attribute("dir", "ltr")
        expect(page.locator("[data-language=en]")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[data-language=fa]")).to_have_attribute("aria-pressed", "false")

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_every_text_is_in_the_language_of_the_page(self, chat: Chat, language: str) -> None:
        chat.choose(language)
        texts = [
            *chat.page.locator("[data-text]").all_text_contents(),
            *chat.page.locator("#faults option").all_text_contents(),
            *chat.page.locator("#stories td:nth-child(3)").all_text_contents(),
        ]
        assert len(texts) > 40
        assert [text for text in texts if bool(PERSIAN.search(text)) != (language == "fa")] == []

    def test_the_page_begins_on_the_side_its_language_begins_on(self, chat: Chat) -> None:
        heading = chat.page.get_by_role("heading", level=1)
        middle = 600
        box = heading.bounding_box()
        assert box
        assert box["x"] > middle
        chat.choose("en")
        box = heading.bounding_box()
        assert box
        assert box["x"] + box["width"] < middle


class TestSmallScreen:
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_nothing_is_wider_than_a_phone(self, chat: Chat, language: str) -> None:
        chat.page.set_viewport_size({"width": 360, "height": 640})
        chat.choose(language)
        chat.ask(WORDINGS[language].order_question)
        chat.press(chat.words.details)
        assert "TRK-" in chat.verify()
        chat.say("x" * 300 + " " + "1" * 300)
        assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert chat.log.evaluate("(log) => log.scrollWidth - log.clientWidth") <= 0
        assert chat.page.evaluate(BEYOND_THE_EDGE) == []
        # The newest answer and the input are on the screen together, big enough for a thumb.
        expect(chat.answer.last).to_be_in_viewport()
        expect(chat.input).to_be_in_viewport()
        for button in chat.answer.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert box["height"] >= 40


class TestSafety:
    def test_nothing_inline_and_the_policy_forbids_it(self, chat: Chat, watch: Watch) -> None:
        chat.ask("سفارش TS-104234 چرا هنوز ارسال نشده؟")
        assert chat.page.evaluate(INLINE) == []
        response = chat.page.reload()
        assert response
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy
        assert watch.complaints == []
        caught = chat.page.evaluate("""() => {
          const script = document.createElement("script");
          script.textContent = "window.caught = true";
          document.body.append(script);
          return window.caught === true;
        }""")
        assert not caught
        assert all("Content Security Policy" in complaint for complaint in watch.complaints)
        watch.complaints.clear()


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
        question, silent = chat.words.order_question, CARRIER_SILENT[language]
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
        answer = chat.say("09121113300")
        assert "0912***00 پیامک شد" not in answer
        assert "پیامک" in answer
        expect(chat.sms).to_have_text("هنوز پیامکی نرسیده است.")


class TestServerGone:
    def test_the_page_says_so_and_loses_nothing(self, chat: Chat, peyk: Stack, watch: Watch) -> None:
        page, question = chat.page, "سفارش TS-104233 کجاست؟"
        status = page.get_by_role("status")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or "") if WEBHOOK in request.url else None)
        expect(status).to_have_text("")
        peyk.kill("edge")
        try:
            assert FAILED in chat.say(question)
            expect(chat.said).to_have_text(question)
            expect(status).to_contain_text(OFFLINE)
            # A switch goes back to what is true, and what is being typed stays.
            switch = page.get_by_role("combobox", name="چاپار")
            with page.expect_event("requestfailed"):
                switch.select_option("از کار افتاده")
            expect(switch.locator("option:checked")).to_have_text("کار می‌کند")
            chat.input.fill("پیام نیمه‌کاره")
        finally:
            peyk.restart("edge")
        expect(status).to_have_text("")
        expect(chat.input).to_have_value("پیام نیمه‌کاره")
        answer = chat.press(chat.words.retry)
        assert "TS-104233" in answer
        assert FAILED not in chat.log.inner_text()
        expect(chat.log.locator(".you")).to_have_count(1)
        expect(chat.input).to_be_focused()
        assert len(sent) == 2
        assert sent[0] == sent[1], "the same message, so that it is never taken twice"
        assert watch.complaints
        assert all("net::ERR_" in complaint for complaint in watch.complaints)
        watch.complaints.clear()
