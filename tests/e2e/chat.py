"""The demo page as its visitor uses it: read, click, type; nothing here knows how it is made but a few classes."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.steps import WidgetSteps

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
USUAL_PLACE = "/usr/bin/chromium"
ANSWER_MS = 40_000
CODE = re.compile(r"\b\d{6}\b")
TOKEN = "localStorage.getItem(`peyk:${location.origin}:token`)"
# What has the focus, in the page or in the widget.
ACTIVE = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}"""


def chromium() -> str | None:
    """Return where the browser is: what PEYK_TEST_CHROMIUM says, else Debian's."""
    named = os.environ.get("PEYK_TEST_CHROMIUM")
    return named or (USUAL_PLACE if Path(USUAL_PLACE).exists() else shutil.which("chromium"))


@contextmanager
def started(executable: str, *further_flags: str) -> Iterator[Browser]:
    """Start the browser without a window and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *further_flags])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class PageWording:
    """What stands on the page round the widget in one language, and on buttons of the bot."""

    shop: str
    again: str
    phone: str
    order_question: str
    details: str


PAGE_WORDINGS = {
    "fa": PageWording(
        shop="فروشگاه نمونه",
        again="گفت‌وگوی تازه",
        phone="گوشی مشتری",
        order_question="سفارش TS-104233 کجاست؟",
        details="دیدن جزئیات با تأیید موبایل",
    ),
    "en": PageWording(
        shop="Demo Shop",
        again="New conversation",
        phone="The customer's phone",
        order_question="Where is my order TS-104233?",
        details="See details (verify)",
    ),
}


class Chat(WidgetSteps):
    """The page and the widget on it, in one tab."""

    def __init__(self, page: Page, url: str) -> None:
        super().__init__(page)
        self.url = url

    @property
    def around(self) -> PageWording:
        """The page's wording in the language that is chosen."""
        return PAGE_WORDINGS[self.language]

    def open(self, language: str = "fa") -> None:
        """Open the page and choose its language."""
        self.page.goto(self.url)
        expect(self.log).to_be_visible()
        self.choose(language)

    def choose(self, language: str) -> None:
        """Switch the page, and with it the widget, to a language."""
        if language != self.language:
            self.page.locator(f"[data-language={language}]").click()
            self.language = language
        expect(self.page.get_by_role("heading", name=self.around.shop, exact=True)).to_be_visible()
        expect(self.element.locator(".root")).to_have_attribute("lang", language)

    @property
    def phone(self) -> Locator:
        """The customer's phone."""
        return self.page.get_by_role("region", name=self.around.phone)

    @property
    def mobile(self) -> str:
        """The mobile that stands on the phone."""
        return self.phone.get_by_role("textbox", name=self.words.mobile).input_value()

    @property
    def sms(self) -> Locator:
        """The newest line on the customer's phone."""
        return self.phone.get_by_role("listitem").first

    @property
    def said(self) -> Locator:
        """The customer's last message."""
        return self.mine.last.locator("p")

    @property
    def answer(self) -> Locator:
        """Everything that came after the customer's last message, buttons and cards included."""
        return self.log.locator(".mine:not(:has(~ .mine)) ~ .theirs:not(.typing)")

    @property
    def card(self) -> Locator:
        """The order card of the answer."""
        return self.answer.get_by_role("article")

    def answered(self) -> str:
        """Wait for the whole answer and return its sentences."""
        expect(self.answer.first).to_be_visible(timeout=ANSWER_MS)
        # An answer is kept as a whole: with its first message here, the server knows its last one.
        first = self.answer.first.get_attribute("data-seq")
        headers = {"Authorization": f"Bearer {self.page.evaluate(TOKEN)}"}
        kept = self.page.request.get(f"{self.url}chat/messages?after={first}&wait=0", headers=headers)
        expect(kept).to_be_ok()
        for entry in kept.json()["entries"]:
            expect(self.log.locator(f"[data-seq='{entry['seq']}']")).to_be_attached()
        return "\n".join(self.answer.locator(".bubble p").all_inner_texts())

    def after(self, act: Locator, key: str = "") -> str:
        """Click on something, or press a key in it, that says something for the customer; return the answer."""
        before = self.mine.count()
        act.press(key) if key else act.click()
        expect(self.mine).to_have_count(before + 1)
        return self.answered()

    def ask(self, question: str) -> str:
        """Click on a question of the demo's orders."""
        return self.after(self.page.get_by_role("button", name=question, exact=True))

    def say(self, text: str) -> str:
        """Type a message and send it with Enter."""
        return self.enter(self.words.message, text)

    def enter(self, name: str, text: str) -> str:
        """Type into a field of the widget and send it with Enter."""
        before = self.mine.count()
        self.send(text, name)
        expect(self.mine).to_have_count(before + 1)
        return self.answered()

    def press(self, title: str) -> str:
        """Click on a button of the last answer."""
        return self.after(self.answer.get_by_role("button", name=title, exact=True))

    def verify(self) -> str:
        """Send the mobile that stands on the phone, read the code there, send it."""
        before = self.sms.inner_text()
        self.enter(self.words.mobile, self.mobile)
        return self.enter(self.words.otp, self.new_code(before))

    def new_code(self, before: str) -> str:
        """Wait until the phone shows something else than before and return the code in it."""
        expect(self.sms).not_to_have_text(before)
        code = CODE.search(self.sms.inner_text())
        assert code, self.sms.inner_text()
        return code[0]

    def focused(self) -> str:
        """Return what a screen reader would call the element that has the focus."""
        return str(
            self.page.evaluate(f"""() => {{
              const element = ({ACTIVE})();
              if (element === document.body) return "nothing";
              const label = element.labels && element.labels[0];
              const name = element.ariaLabel || (label ? label.childNodes[0].textContent : element.textContent);
              return name.trim();
            }}""")
        )
