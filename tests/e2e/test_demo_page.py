"""The demo page and its widget in a real browser, before a real Rasa, action server and edge."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.chat import ACTIVE, PAGE_WORDINGS, Chat
from tests.e2e.conftest import Watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PERSIAN = re.compile(r"[\u0600-\u06ff]")

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
EVERYTHING = """() => [document, document.querySelector("peyk-chat").shadowRoot]
  .flatMap((root) => [...root.querySelectorAll("*")])"""
BEYOND_THE_EDGE = f"""() => ({EVERYTHING})()
  .filter((element) => element.checkVisibility() && !element.closest(".unseen, svg, head"))
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([element]) => element.outerHTML.slice(0, 80))"""
UNLABELLED = f"""() => ({EVERYTHING})()
  .filter((element) => element.matches("input:not(.picker), select, button, textarea"))
  .filter((element) => !(element.labels && element.labels.length) && !element.ariaLabel && !element.textContent.trim())
  .map((element) => element.outerHTML)"""
INLINE = """() => [...document.querySelectorAll("*")]
  .filter((element) => element.matches("script:not([src]), style, [style]")
    || element.getAttributeNames().some((name) => name.startsWith("on")))
  .map((element) => element.outerHTML)"""
OUTLINE = f"() => getComputedStyle(({ACTIVE})()).outlineStyle"
# What a phone does with the code of a text message it was allowed to read.
FILLED = """(input, code) => {
  input.value = code;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def reads_left_to_right(place: Locator, identifier: str) -> bool:
    """Say whether an identifier is on the screen in the order it is written."""
    edges = place.evaluate(LEFT_EDGES, identifier)
    assert len(edges) == len(identifier), f"{identifier} is not in {place.inner_text()!r}"
    return edges == sorted(edges) and len(set(edges)) == len(edges)


def direction(place: Locator) -> str:
    """Return the direction a text runs in on the screen."""
    return str(place.evaluate("(element) => getComputedStyle(element).direction"))


def middle(place: Locator) -> float:
    """Return where the middle of something is, from the left."""
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2


def tabbed(chat: Chat, times: int) -> list[str]:
    """Press Tab and return what had the focus, one after the other."""
    order = []
    for _ in range(times):
        chat.page.keyboard.press("Tab")
        order.append(chat.focused())
    return order


def begin_anew(chat: Chat) -> None:
    """Begin a new conversation and wait until the page is there again."""
    with chat.page.expect_navigation():
        chat.page.get_by_role("button", name=chat.around.again, exact=True).click()
    expect(chat.log).to_be_visible()
    expect(chat.mine).to_have_count(0)
    expect(chat.log).to_contain_text("خوش آمدید")


class TestConversations:
    def test_persian_from_a_click_to_the_details(self, chat: Chat) -> None:
        answer = chat.ask("سفارش TS-104233 کجاست؟")
        expect(chat.said).to_have_text("سفارش TS-104233 کجاست؟")
        assert "ارسال شده" in answer
        assert "هدفون" not in chat.log.inner_text()
        assert "TRK-" not in chat.log.inner_text()
        chat.press(chat.around.details)
        details = chat.verify()
        assert "هدفون" in details
        assert "TRK-" in details
        assert "تأیید شد" in details
        expect(chat.card).to_have_accessible_name("سفارش TS-104233")
        expect(chat.card.get_by_role("list", name="رویدادهای مرسوله")).to_contain_text("تهران")

    def test_english_from_a_click_to_the_details(self, chat: Chat) -> None:
        chat.choose("en")
        answer = chat.ask("TS-104180 is late, where is it?")
        assert "TS-104180" in answer
        assert not PERSIAN.search(answer)
        chat.press(chat.around.details)
        assert chat.mobile == "09351112233"
        details = chat.verify()
        assert "your number is verified" in details
        assert "Tipax" in details
        assert not PERSIAN.search(details)
        assert not PERSIAN.search(chat.card.inner_text())

    def test_a_code_the_phone_fills_in_goes_at_once(self, chat: Chat) -> None:
        chat.ask("سفارش TS-104220 کجاست؟")
        chat.press(chat.around.details)
        before = chat.sms.inner_text()
        chat.enter(chat.words.mobile, chat.mobile)
        code = chat.field(chat.words.otp)
        expect(code).to_have_attribute("autocomplete", "one-time-code")
        said = chat.mine.count()
        code.evaluate(FILLED, chat.new_code(before))
        expect(chat.mine).to_have_count(said + 1)
        assert "تأیید شد" in chat.answered()
        expect(code).to_be_hidden()
        expect(chat.input).to_be_visible()

    def test_an_order_that_moves_is_seen_in_the_chat(self, chat: Chat) -> None:
        chat.ask("سفارش TS-104241 ثبت شد؟")
        status = chat.card.locator(".status")
        expect(status).to_have_text("ثبت‌شده")
        chat.page.get_by_role("button", name="TS-104241 را جلو ببر", exact=True).click()
        expect(chat.page.locator("#moved")).to_contain_text("یک گام جلو رفت")
        expect(status).to_have_text("در حال آماده‌سازی")
        expect(chat.mine).to_have_count(1)

    def test_a_product_is_asked_about_in_a_closed_chat(self, chat: Chat) -> None:
        chat.element.get_by_role("button", name=chat.words.closing).click()
        expect(chat.log).to_be_hidden()
        chat.page.get_by_role("button", name="دربارهٔ این کالا بپرسید").first.click()
        expect(chat.said).to_have_text("هزینهٔ ارسال هدفون به شیراز چقدر است؟")
        assert "شیراز" in chat.answered()

    def test_a_question_in_the_other_language_of_the_page(self, chat: Chat) -> None:
        answer = chat.ask("Where is my order TS-104150?")
        assert "TS-104150" in answer
        for english in (chat.said, chat.answer.locator("p").first):
            assert direction(english) == "ltr"
            expect(english).to_have_attribute("lang", "en")

    def test_a_conversation_is_still_there_when_the_page_comes_back(self, chat: Chat) -> None:
        chat.ask("وضعیت سفارش TS-104201 چیست؟")
        chat.page.reload()
        expect(chat.said).to_have_text("وضعیت سفارش TS-104201 چیست؟")
        assert "TS-104201" in chat.answered()

    def test_a_new_conversation_knows_nothing_of_the_old_one(self, chat: Chat) -> None:
        chat.ask("وضعیت سفارش TS-104201 چیست؟")
        begin_anew(chat)
        assert "TS-104201" not in chat.say("کجاست؟")

    def test_an_answer_to_the_conversation_before_is_dropped(self, chat: Chat) -> None:
        chat.input.fill(chat.around.order_question)
        chat.input.press("Enter")
        expect(chat.mine).to_have_count(1)
        begin_anew(chat)
        chat.say("سلام")
        expect(chat.mine).to_have_count(1)
        assert "TS-104233" not in chat.log.inner_text()


class TestKeyboard:
    def test_a_conversation_without_a_mouse(self, chat: Chat) -> None:
        keyboard = chat.page.keyboard
        chat.say("سفارش TS-104210 کجاست؟")
        expect(chat.input).to_be_focused()
        # Back from the input over the answer's buttons, the last one first.
        titles = chat.answer.get_by_role("button").all_inner_texts()
        assert chat.around.details in titles
        keyboard.press("Shift+Tab")
        assert chat.focused() == "پیوست عکس یا PDF"
        for title in reversed(titles[titles.index(chat.around.details) :]):
            keyboard.press("Shift+Tab")
            assert chat.focused() == title
        assert chat.page.evaluate(OUTLINE) == "solid"
        keyboard.press("Enter")
        # The focus stands where one goes on: in the field for what is asked.
        chat.answered()
        expect(chat.field(chat.words.mobile)).to_be_focused()
        keyboard.type("09331112211")
        keyboard.press("Tab")
        assert chat.focused() == chat.words.confirm
        keyboard.press("Space")
        expect(chat.said).to_have_text("09331112211")
        assert "0933***11" in chat.answered()
        expect(chat.field(chat.words.otp)).to_be_focused()

    def test_tab_goes_through_the_page_in_reading_order(self, chat: Chat) -> None:
        words = chat.words
        chat.page.locator("[data-language=en]").focus()
        order = tabbed(chat, 6)
        assert order == [*["دربارهٔ این کالا بپرسید"] * 4, words.mobile, "سامانهٔ فروشگاه"]
        chat.page.get_by_role("combobox", name="سامانهٔ پیامک").focus()
        assert tabbed(chat, 2) == [chat.around.again, chat.around.order_question]
        chat.page.get_by_role("button", name="TS-999999 را جلو ببر").focus()
        assert tabbed(chat, 3) == ["تنظیمات گفت‌وگو", words.closing, words.log]

    def test_a_click_leaves_the_focus_where_one_goes_on(self, chat: Chat) -> None:
        chat.ask("سفارش TS-104241 ثبت شد؟")
        expect(chat.input).to_be_focused()
        chat.input.fill("ممنون")
        chat.after(chat.element.get_by_role("button", name=chat.words.send, exact=True))
        expect(chat.input).to_be_focused()

    def test_closing_leads_back_to_the_page(self, chat: Chat) -> None:
        chat.input.press("Escape")
        expect(chat.log).to_be_hidden()
        chat.page.get_by_role("button", name="سفارش TS-104155", exact=False).first.focus()
        chat.page.keyboard.press("Enter")
        chat.answered()
        chat.page.keyboard.press("Escape")
        expect(chat.log).to_be_hidden()
        assert "TS-104155" in chat.focused()


class TestReading:
    def test_screen_readers_hear_the_answers(self, chat: Chat) -> None:
        expect(chat.log).to_have_attribute("aria-live", "polite")
        chat.ask("سفارش TS-104220 کجاست؟")
        expect(chat.mine.locator(".unseen").first).to_have_text("شما: ")
        expect(chat.answer.locator(".name, .unseen").first).to_contain_text("دستیار فروشگاه")
        expect(chat.status).to_have_count(1)

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_everything_has_a_name(self, chat: Chat, language: str) -> None:
        chat.choose(language)
        expect(chat.page.get_by_role("combobox")).to_have_count(8)
        assert chat.page.evaluate(UNLABELLED) == []
        expect(chat.input).to_be_visible()
        expect(chat.phone.get_by_role("textbox", name=chat.words.mobile)).to_be_visible()

    def test_identifiers_keep_their_order_in_persian(self, chat: Chat) -> None:
        chat.ask(chat.around.order_question)
        for place in (chat.said, chat.answer.locator("p").first):
            assert direction(place) == "rtl"
            assert reads_left_to_right(place, "TS-104233")
        chat.press(chat.around.details)
        assert "0912***67" in chat.enter(chat.words.mobile, "09121234567")
        assert direction(chat.answer.locator("p").first) == "rtl"
        assert reads_left_to_right(chat.answer.locator("p").first, "0912***67")
        assert reads_left_to_right(chat.said, "09121234567")
        asked = chat.page.get_by_role("button", name=chat.around.order_question)
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
        expect(chat.input).to_be_visible()

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_every_text_is_in_the_language_of_the_page(self, chat: Chat, language: str) -> None:
        chat.choose(language)
        texts = [
            *chat.page.locator("[data-text]").all_text_contents(),
            *chat.page.locator("#faults option").all_text_contents(),
            *chat.page.locator("#stories td:nth-child(3)").all_text_contents(),
            *chat.page.locator("#products button").all_text_contents(),
            *chat.log.locator("p, button").all_text_contents(),
        ]
        assert len(texts) > 40
        assert [text for text in texts if bool(PERSIAN.search(text)) != (language == "fa")] == []

    def test_page_and_widget_begin_on_the_side_their_language_begins_on(self, chat: Chat) -> None:
        for language, starts_right in (("fa", True), ("en", False)):
            chat.choose(language)
            assert (middle(chat.page.get_by_role("heading", level=1)) > 600) is starts_right
            # The widget is in the corner where a line ends.
            assert (middle(chat.element.get_by_role("dialog")) < 600) is starts_right


class TestSmallScreen:
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_nothing_is_wider_than_a_phone(self, chat: Chat, language: str) -> None:
        chat.choose(language)
        chat.page.set_viewport_size({"width": 360, "height": 640})
        chat.page.reload()
        # Here the chat would cover the page: it waits until it is asked for.
        expect(chat.element.get_by_role("button", name=chat.words.opening)).to_be_visible()
        assert chat.page.evaluate(BEYOND_THE_EDGE) == []
        chat.ask(PAGE_WORDINGS[language].order_question)
        chat.press(chat.around.details)
        assert "TRK-" in chat.verify()
        assert chat.log.evaluate("(log) => log.scrollWidth - log.clientWidth") <= 0
        for button in chat.answer.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert box["height"] >= 44
        chat.say("x" * 300 + " " + "1" * 300)
        assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert chat.log.evaluate("(log) => log.scrollWidth - log.clientWidth") <= 0
        assert chat.page.evaluate(BEYOND_THE_EDGE) == []
        # The newest answer and the input are on the screen together.
        expect(chat.answer.last).to_be_in_viewport()
        expect(chat.input).to_be_in_viewport()


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
