"""Make the README's picture of the demo page: `.venv/bin/python -m tests.e2e.screenshot docs/screenshot.png`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e.chat import Chat, chromium, started
from tests.stack import Stack

SIZE = {"width": 1200, "height": 900}
# Letters as they are drawn, not fitted to the pixels of this machine.
SMOOTH = "--font-render-hinting=none"


def hold_conversation(browser: Browser, url: str, picture: Path) -> None:
    """Ask for an order, prove the mobile, and take the picture of what stands there then."""
    page = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
    chat = Chat(page, f"{url}/")
    chat.open("fa")
    chat.ask(chat.around.order_question)
    chat.press(chat.around.details)
    chat.verify()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=picture, animations="disabled", caret="hide")


def main(arguments: list[str]) -> int:
    """Take the picture; the only argument is where it goes."""
    executable = chromium()
    if len(arguments) != 1 or not executable:
        print("usage: python -m tests.e2e.screenshot PICTURE.png   (needs chromium)", file=sys.stderr)
        return 2
    picture = Path(arguments[0])
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as peyk, started(executable, SMOOTH) as browser:
        hold_conversation(browser, peyk.programs.url, picture)
    print(f"{picture}: {picture.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
