"""What every customer of the widget does, on the demo page and on a shop's: found by roles and names, as a screen
reader finds it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands on the widget in one language."""

    opening: str
    closing: str
    message: str
    send: str
    log: str
    attach: str
    otp: str
    mobile: str
    settings: str
    confirm: str
    offline: str
    online: str
    retry: str


WORDINGS = {
    "fa": Wording(
        opening="باز کردن گفت‌وگو",
        closing="بستن گفت‌وگو",
        message="پیام شما",
        send="فرستادن پیام",
        log="گفت‌وگو",
        attach="پیوست عکس یا PDF",
        otp="کد تأیید شش‌رقمی",
        mobile="شمارهٔ موبایل",
        settings="تنظیمات گفت‌وگو",
        confirm="تأیید",
        offline="اتصال برقرار نیست",
        online="دوباره وصل شدیم",
        retry="دوباره بفرست",
    ),
    "en": Wording(
        opening="Open the chat",
        closing="Close the chat",
        message="Your message",
        send="Send message",
        log="Conversation",
        attach="Attach a picture or PDF",
        otp="Six-digit verification code",
        mobile="Mobile number",
        settings="Chat settings",
        confirm="Confirm",
        offline="There is no connection",
        online="Connected again",
        retry="Send again",
    ),
}


class WidgetSteps:
    """The widget in one tab; what is in its shadow is found below its element."""

    def __init__(self, page: Page, language: str = "fa") -> None:
        self.page = page
        self.language = language

    @property
    def words(self) -> Wording:
        """What stands on the widget."""
        return WORDINGS[self.language]

    @property
    def element(self) -> Locator:
        """The widget itself."""
        return self.page.locator("peyk-chat")

    @property
    def launcher(self) -> Locator:
        """The button in the corner."""
        return self.element.get_by_role("button", name=self.words.opening)

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.element.get_by_role("log", name=self.words.log)

    @property
    def input(self) -> Locator:
        """Where the customer writes."""
        return self.field(self.words.message)

    @property
    def status(self) -> Locator:
        """What it says of itself."""
        return self.element.get_by_role("status")

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
        return self.element.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        """A field by its name."""
        return self.element.get_by_role("textbox", name=name)

    def send(self, text: str, name: str = "") -> None:
        """Type into the message, or into another field, and press Enter."""
        field = self.field(name) if name else self.input
        field.fill(text)
        field.press("Enter")
