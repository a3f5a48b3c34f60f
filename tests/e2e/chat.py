"""The demo page as its visitor uses it: read, click, type; nothing here knows how the page is made but its ids."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

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
class Wording:
    """What stands on the page in one language."""

    chat: str
    message: str
    send: str
    again: str
    retry: str
    phone: str
    mobile: str
    order_question: str
    details: str
    direction: str


WORDINGS = {
    "fa": Wording(
        chat="گفت‌وگو",
        message="پیام شما",
        send="بفرست",
        again="گفت‌وگوی تازه",
        retry="دوباره بفرست",
        phone="گوشی مشتری",
        mobile="شمارهٔ موبایل",
        order_question="سفارش TS-104233 کجاست؟",
        details="دیدن جزئیات با تأیید موبایل",
        direction="rtl",
    ),
    "en": Wording(
        chat="Chat",
        message="Your message",
        send="Send",
        again="New conversation",
        retry="Send again",
        phone="The customer's phone",
        mobile="Mobile number",
        order_question="Where is my order TS-104233?",
        details="See details (verify)",
        direction="ltr",
    ),
}


class Chat:
    """The page in one tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.words = WORDINGS["fa"]

    def open(self, language: str = "fa") -> None:
        """Open the page and choose its language."""
        self.page.goto(self.url)
        self.choose(language)

    def choose(self, language: str) -> None:
        """Switch the page to a language and wait until it shows it."""
        self.words = WORDINGS[language]
        self.page.locator(f"[data-language={language}]").click()
        expect(self.page.get_by_role("heading", name=self.words.chat, exact=True)).to_be_visible()

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("log", name=self.words.chat)

    @property
    def input(self) -> Locator:
        """Where the customer types."""
        return self.page.get_by_role("textbox", name=self.words.message)

    @property
    def sms(self) -> Locator:
        """The newest line on the customer's phone."""
        return self.page.get_by_role("region", name=self.words.phone).get_by_role("listitem").first

    @property
    def said(self) -> Locator:
        """The customer's last message."""
        return self.log.locator(".you p").last

    @property
    def answer(self) -> Locator:
        """Everything that came after the customer's last message, buttons included."""
        return self.log.locator(".you").last.locator("xpath=following-sibling::div")

    def answered(self) -> str:
        """Wait for the answer and return its text."""
        expect(self.log).to_have_attribute("aria-busy", "false", timeout=ANSWER_MS)
        expect(self.answer.first).to_be_visible()
        return "\n".join(self.answer.locator("p").all_inner_texts())

    def ask(self, question: str) -> str:
        """Click on a question of the demo's orders."""
        self.page.get_by_role("button", name=question, exact=True).click()
        return self.answered()

    def say(self, text: str) -> str:
        """Type a message and send it with Enter."""
        self.input.fill(text)
        self.input.press("Enter")
        return self.answered()

    def press(self, title: str) -> str:
        """Click on a button of the last answer."""
        self.answer.get_by_role("button", name=title, exact=True).click()
        return self.answered()

    def verify(self) -> str:
        """Send the mobile that stands on the phone, read the code there, send it."""
        before = self.sms.inner_text()
        self.say(self.page.get_by_role("textbox", name=self.words.mobile).input_value())
        return self.say(self.new_code(before))

    def new_code(self, before: str) -> str:
        """Wait until the phone shows something else than before and return the code in it."""
        expect(self.sms).not_to_have_text(before)
        code = CODE.search(self.sms.inner_text())
        assert code, self.sms.inner_text()
        return code[0]
