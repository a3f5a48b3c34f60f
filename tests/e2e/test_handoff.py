"""A customer at the shop's page and an operator at the console, through a whole hand-off."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from peyk.launcher.stack import DEMO_LOGIN
from tests.e2e.chat import ANSWER_MS, Chat
from tests.e2e.conftest import ENOUGH, Watch
from tests.stack import Stack

WANTS_A_PERSON = "می‌خوام با یک پشتیبان انسانی صحبت کنم"
# Where the pictures of the docs are to be written; they are taken in any case.
PICTURES = os.environ.get("PEYK_TEST_PICTURES")


@pytest.fixture(scope="module")
def peyk(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Peyk with one operator; after the browser's check, for it takes longer."""
    with Stack(tmp_path_factory.mktemp("handoff"), env=ENOUGH) as stack:
        operator = stack.programs.operator()
        subprocess.run(operator.command, env=operator.env, cwd=operator.cwd, check=True, capture_output=True)
        yield stack


@pytest.fixture
def seat(browser: Browser, peyk: Stack) -> Iterator[Page]:
    """The operator at the console, logged in; the browser has nothing to complain of."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page, watch = context.new_page(), Watch()
    watch.over(page)
    page.goto(f"{peyk.programs.url}/console/login")
    page.locator("[name=login]").fill(DEMO_LOGIN)
    page.locator("[name=password]").fill(peyk.programs.console_password.read_text())
    page.locator("button.main").click()
    page.wait_for_url("**/console/")
    yield page
    context.close()
    assert watch.complaints == []


def open_waiting(seat: Page) -> None:
    """Open the conversation that waits; the list knows it without a reload."""
    row = seat.locator("a[data-row]").first
    expect(row).to_be_visible(timeout=ANSWER_MS)
    row.click()


def take(seat: Page) -> None:
    """Take the conversation that waits."""
    open_waiting(seat)
    seat.locator("#do-take").click()
    expect(seat.locator(".state")).to_have_attribute("data-mine", "yes")


def reply(seat: Page, text: str) -> None:
    """Answer the customer."""
    seat.locator("#reply").fill(text)
    seat.locator("#reply").press("Control+Enter")
    expect(seat.locator(".said.agent").last).to_contain_text(text)


def resolve(seat: Page, summary: str) -> None:
    """Finish, and give the conversation back."""
    seat.locator("#do-finish").click()
    seat.locator("#finish textarea").fill(summary)
    seat.locator("#finish button.main").click()
    seat.wait_for_url("**/console/")


def write(chat: Chat, text: str) -> None:
    """Write to a person, who answers when they answer."""
    before = chat.mine.count()
    chat.input.fill(text)
    chat.input.press("Enter")
    expect(chat.mine).to_have_count(before + 1)


def picture(page: Page, name: str, folder: Path) -> None:
    """Take a picture, for the docs or for nobody."""
    path = Path(PICTURES or folder) / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    assert path.stat().st_size > 10_000


def test_customer_and_operator_through_a_whole_hand_off(chat: Chat, seat: Page, tmp_path: Path) -> None:
    chat.page.evaluate("Peyk.open()")
    handed_over = chat.say(WANTS_A_PERSON)
    assert handed_over
    open_waiting(seat)
    expect(seat.locator(".log")).to_contain_text(WANTS_A_PERSON)
    seat.locator("#do-take").click()
    expect(seat.locator(".state")).to_have_attribute("data-mine", "yes")
    # The customer is told who has come, and the bot is silent from here on.
    expect(chat.log).to_contain_text("سارا", timeout=ANSWER_MS)
    reply(seat, "سلام، سارا هستم. چه کمکی از من ساخته است؟")
    expect(chat.log.locator(".agent").last).to_contain_text("سارا هستم")
    bots = chat.log.locator(".bot").count()
    write(chat, "سفارش TS-104180 کجاست؟")
    expect(seat.locator(".said.customer").last).to_contain_text("TS-104180")
    reply(seat, "دارم با تیپاکس هماهنگ می‌کنم.")
    expect(chat.log.locator(".agent").last).to_contain_text("تیپاکس")
    assert chat.log.locator(".bot").count() == bots
    picture(chat.page, "handoff-customer", tmp_path)
    picture(seat, "handoff-operator", tmp_path)
    resolve(seat, "با تیپاکس هماهنگ شد؛ تا فردا می‌رسد.")
    expect(chat.log).to_contain_text("تا فردا می‌رسد")
    # Stars for the person, and the assistant is back.
    chat.log.locator(".stars button").nth(4).click()
    expect(chat.log).to_contain_text("امتیازتان ثبت شد", timeout=ANSWER_MS)
    assert "TS-104233" in chat.say(chat.around.order_question)


def test_a_reload_and_a_second_tab_show_the_same(chat: Chat, seat: Page, context: BrowserContext) -> None:
    chat.page.evaluate("Peyk.open()")
    chat.say(WANTS_A_PERSON)
    take(seat)
    reply(seat, "من این‌جا هستم.")
    expect(chat.log.locator(".agent").last).to_contain_text("من این‌جا هستم")
    second = Chat(context.new_page(), chat.url)
    second.page.goto(chat.url)
    second.page.evaluate("Peyk.open()")
    expect(second.log.locator(".agent").last).to_contain_text("من این‌جا هستم")
    write(second, "از زبانهٔ دوم")
    expect(chat.mine.last).to_contain_text("از زبانهٔ دوم")
    chat.page.reload()
    chat.page.evaluate("Peyk.open()")
    expect(chat.mine.last).to_contain_text("از زبانهٔ دوم")
    expect(seat.locator(".said.customer", has_text="از زبانهٔ دوم")).to_have_count(1)
    resolve(seat, "تمام شد.")
    expect(chat.log).to_contain_text("تمام شد")
    second.page.close()


def test_what_is_written_without_a_network_arrives_once(
    chat: Chat, seat: Page, context: BrowserContext, watch: Watch
) -> None:
    chat.page.evaluate("Peyk.open()")
    chat.say(WANTS_A_PERSON)
    take(seat)
    context.set_offline(True)
    write(chat, "بدون اینترنت نوشته شد")
    context.set_offline(False)
    expect(seat.locator(".said.customer").last).to_contain_text("بدون اینترنت نوشته شد", timeout=ANSWER_MS)
    reply(seat, "رسید.")
    expect(chat.log.locator(".agent").last).to_contain_text("رسید", timeout=ANSWER_MS)
    expect(chat.mine.filter(has_text="بدون اینترنت")).to_have_count(1)
    expect(seat.locator(".said.customer", has_text="بدون اینترنت")).to_have_count(1)
    resolve(seat, "حل شد.")
    expect(chat.log).to_contain_text("حل شد")
    # The browser itself says that the network was away.
    watch.complaints.clear()


def test_script_in_messages_and_names_is_text_on_both_sides(chat: Chat, seat: Page) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    chat.page.evaluate("Peyk.open()")
    chat.say(WANTS_A_PERSON)
    take(seat)
    write(chat, attack)
    expect(seat.locator(".said.customer").last).to_contain_text("<img src=x onerror=alert(1)>")
    reply(seat, attack)
    expect(chat.log.locator(".agent").last).to_contain_text("<img src=x onerror=alert(1)>")
    assert chat.page.evaluate("document.querySelectorAll('script:not([src]), img[src=x]').length") == 0
    assert seat.locator(".said img, .said script").count() == 0
    resolve(seat, attack)
    expect(chat.log).to_contain_text("<script>alert(2)</script>")


def test_in_english_with_the_keyboard_alone_on_a_phone(browser: Browser, peyk: Stack, seat: Page) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    chat = Chat(context.new_page(), f"{peyk.programs.url}/")
    chat.page.goto(chat.url)
    chat.choose("en")
    chat.element.get_by_role("button", name=chat.words.opening).press("Enter")
    chat.input.focus()
    chat.page.keyboard.type("I want to talk to a human agent please")
    chat.page.keyboard.press("Enter")
    take(seat)
    reply(seat, "Hello, how can I help?")
    expect(chat.log.locator(".agent").last).to_contain_text("how can I help", timeout=ANSWER_MS)
    chat.page.keyboard.type("Never mind, thank you")
    chat.page.keyboard.press("Enter")
    expect(seat.locator(".said.customer").last).to_contain_text("Never mind")
    resolve(seat, "All is well.")
    expect(chat.log).to_contain_text("All is well")
    context.close()
