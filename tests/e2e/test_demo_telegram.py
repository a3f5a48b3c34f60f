"""The demo page's second telephone in a real browser: Telegram through a Bot API server of the demo's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from peyk.launcher.stack import demo_telegram
from tests.e2e.chat import ANSWER_MS
from tests.e2e.conftest import ENOUGH, Watch
from tests.fakes.evidence import photo
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TRACKING = "TRK-88392011"


@pytest.fixture(scope="module")
def peyk(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Peyk with the demo shop and the demo's Telegram, as `make demo` starts it."""
    with Stack(tmp_path_factory.mktemp("telegram"), env={**ENOUGH, **demo_telegram()}) as stack:
        yield stack


@pytest.fixture
def page(context: BrowserContext, peyk: Stack, watch: Watch) -> Iterator[Page]:
    """The demo page; whatever the test does, there are no complaints and no foreign requests."""
    page = context.new_page()
    watch.over(page)
    page.goto(f"{peyk.programs.url}/")
    expect(phone(page)).to_be_visible()
    yield page
    assert watch.complaints == []
    own = (peyk.programs.url, peyk.programs.url.replace("http", "ws", 1))
    assert [address for address in watch.addresses if not address.startswith(own)] == []


def phone(page: Page) -> Locator:
    """The second telephone."""
    return page.locator("#telegram")


def last(page: Page, text: str | re.Pattern[str]) -> Locator:
    """The bot's newest message with a text; waits for it."""
    found = phone(page).locator(".message:not(.mine)").filter(has_text=text).last
    expect(found).to_be_visible(timeout=ANSWER_MS)
    return found


def say(page: Page, text: str) -> None:
    """Type a message and send it with Enter."""
    field = page.locator("#tg_text")
    field.fill(text)
    field.press("Enter")


def test_an_order_in_persian_from_the_question_to_the_details(page: Page) -> None:
    phone(page).get_by_role("button", name="شروع", exact=True).click()
    expect(phone(page).locator(".mine")).to_contain_text("/start")
    last(page, re.compile("[\u0600-\u06ff]"))
    expect(phone(page).get_by_role("button", name="شروع", exact=True)).to_have_count(0)

    say(page, "سفارش TS-104233 کجاست؟")
    answer = last(page, "TS-104233")
    expect(phone(page).locator(".keys button").first).to_be_visible(timeout=ANSWER_MS)
    expect(phone(page)).not_to_contain_text(TRACKING)
    # The API's tags are looks here, not letters.
    assert answer.locator("strong").count()
    assert "<b>" not in phone(page).inner_text()

    details = phone(page).locator("#tg_log .keys button").filter(has_text="دیدن جزئیات")
    details.focus()
    page.keyboard.press("Enter")
    # After its use a keyboard goes away, and the focus stays on the telephone.
    expect(details).to_have_count(0, timeout=ANSWER_MS)
    expect(page.locator("#tg_text")).to_be_focused()

    page.locator("#tg_keyboard button").click()
    chosen = page.locator("#tg_mobile")
    expect(chosen).to_be_focused()
    chosen.select_option("09121234567")
    phone(page).get_by_role("button", name="همین شماره را بفرست").click()
    expect(phone(page).locator(".mine").last).to_contain_text("09121234567")
    last(page, TRACKING)
    expect(page.locator("#tg_keyboard")).to_be_empty()

    # It is kept while the demo runs, in this browser's chat only.
    page.reload()
    last(page, TRACKING)
    phone(page).get_by_role("button", name="از نو").click()
    expect(phone(page).get_by_role("button", name="شروع", exact=True)).to_be_visible()
    expect(phone(page)).not_to_contain_text(TRACKING)


def test_a_photo_and_words_that_look_like_html(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "box.jpg"
    picture.write_bytes(photo())
    page.locator("#tg_file").set_input_files(picture)
    image = phone(page).locator(".mine img")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("(element) => element.naturalWidth") > 0
    last(page, re.compile("[\u0600-\u06ff]"))

    words = '<img src=x onerror="document.title=1"><b>سلام</b>'
    say(page, words)
    mine = phone(page).locator(".mine").last
    expect(mine.locator(".bubble")).to_have_text(words)
    assert mine.locator(".bubble *").count() == 0


def test_it_fits_a_narrow_telephone_in_english(page: Page) -> None:
    page.locator("[data-language=en]").click()
    expect(phone(page).get_by_role("button", name="Start", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    say(page, "Where is my order TS-104180?")
    last(page, "TS-104180")
    expect(phone(page).locator("#tg_log .keys button").first).to_be_visible(timeout=ANSWER_MS)
    beyond = page.evaluate("""() => [...document.querySelectorAll("#telegram *")]
      .map((element) => [element, element.getBoundingClientRect()])
      .filter(([element, box]) => !element.closest(".who") && (box.left < -1 || box.right > innerWidth + 1))
      .map(([element]) => element.outerHTML.slice(0, 80))""")
    assert beyond == []
    unlabelled = page.evaluate("""() => [...document.querySelectorAll("#telegram :is(input, select, button)")]
      .filter((element) => !(element.labels && element.labels.length) && !element.textContent.trim())
      .map((element) => element.outerHTML)""")
    assert unlabelled == []
