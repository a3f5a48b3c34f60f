"""The widget as its customer uses it: found by roles and names, as a screen reader finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.fakes.chat_server import ChatServer

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'"


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands on the widget in one language."""

    open: str
    close: str
    message: str
    send: str
    log: str
    attach: str
    otp: str
    mobile: str
    settings: str
    offline: str
    again: str


WORDS = {
    "fa": Wording(
        open="باز کردن گفت‌وگو",
        close="بستن گفت‌وگو",
        message="پیام شما",
        send="فرستادن پیام",
        log="گفت‌وگو",
        attach="پیوست عکس یا PDF",
        otp="کد تأیید شش‌رقمی",
        mobile="شمارهٔ موبایل",
        settings="تنظیمات گفت‌وگو",
        offline="اتصال برقرار نیست",
        again="دوباره وصل شدیم",
    ),
    "en": Wording(
        open="Open the chat",
        close="Close the chat",
        message="Your message",
        send="Send message",
        log="Conversation",
        attach="Attach a picture or PDF",
        otp="Six-digit verification code",
        mobile="Mobile number",
        settings="Chat settings",
        offline="There is no connection",
        again="Connected again",
    ),
}


def shop_page(server: ChatServer, lang: str = "fa", *, direction: str = "", head: str = "", **data: str) -> str:
    """Return a shop's page with the widget in it; `data` are the tag's options."""
    direction = direction or ("rtl" if lang == "fa" else "ltr")
    options = " ".join(f'data-{name}="{value}"' for name, value in data.items())
    return f"""<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Shop</title>{head}
<script src="/widget/peyk.js" {options} defer></script></head>
<body><main><h1>Shop</h1><button id="before">before</button></main></body></html>"""


class Widget:
    """The widget in one tab."""

    def __init__(self, page: Page, server: ChatServer, lang: str = "fa") -> None:
        self.page = page
        self.server = server
        self.words = WORDS[lang]
        self.lang = lang

    def visit(self, headers: dict[str, str] | None = None, **page: Any) -> None:
        """Open a shop's page with the widget in its corner."""
        html = shop_page(self.server, self.lang, **page)
        self.page.goto(self.server.page("shop", html, headers))
        expect(self.launcher).to_be_visible()

    @property
    def launcher(self) -> Locator:
        """The button in the corner."""
        return self.page.get_by_role("button", name=self.words.open)

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("log", name=self.words.log)

    @property
    def input(self) -> Locator:
        """Where the customer writes."""
        return self.page.get_by_role("textbox", name=self.words.message)

    @property
    def status(self) -> Locator:
        """What it says of itself."""
        return self.page.locator("peyk-chat [role=status]")

    @property
    def mine(self) -> Locator:
        """The customer's messages."""
        return self.log.locator(".mine")

    @property
    def theirs(self) -> Locator:
        """The shop's messages."""
        return self.log.locator(".theirs:not(.typing)")

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def open(self) -> None:
        """Open it with the mouse."""
        self.launcher.click()
        expect(self.input).to_be_visible()

    def say(self, text: str) -> None:
        """Type a message and send it with Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send a message and return the last bubble of the answer."""
        before = self.theirs.count() if self.mine.count() else 0
        self.say(text)
        expect(self.theirs).not_to_have_count(before)
        expect(self.mine.last).to_contain_text(text)
        return self.theirs.last
