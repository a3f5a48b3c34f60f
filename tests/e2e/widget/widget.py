"""The widget as its customer uses it: found by roles and names, as a screen reader finds it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import WidgetSteps
from tests.fakes.chat_server import ChatServer

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'"


def shop_page(server: ChatServer, lang: str = "fa", *, direction: str = "", head: str = "", **data: str) -> str:
    """Return a shop's page with the widget in it; `data` are the tag's options."""
    direction = direction or ("rtl" if lang == "fa" else "ltr")
    options = " ".join(f'data-{name}="{value}"' for name, value in data.items())
    return f"""<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Shop</title>{head}
<script src="/widget/peyk.js" {options} defer></script></head>
<body><main><h1>Shop</h1><button id="before">before</button></main></body></html>"""


class Widget(WidgetSteps):
    """The widget in one tab of a shop's page."""

    def __init__(self, page: Page, server: ChatServer, language: str = "fa") -> None:
        super().__init__(page, language)
        self.server = server

    def visit(self, headers: dict[str, str] | None = None, **page: Any) -> None:
        """Open a shop's page with the widget in its corner."""
        html = shop_page(self.server, self.language, **page)
        self.page.goto(self.server.page("shop", html, headers))
        expect(self.launcher).to_be_visible()

    def open(self) -> None:
        """Open it with the mouse."""
        self.launcher.click()
        expect(self.input).to_be_visible()

    def ask(self, text: str) -> Locator:
        """Send a message and return the last bubble of the answer."""
        before = self.theirs.count() if self.mine.count() else 0
        self.send(text)
        expect(self.theirs).not_to_have_count(before)
        expect(self.mine.last).to_contain_text(text)
        return self.theirs.last
