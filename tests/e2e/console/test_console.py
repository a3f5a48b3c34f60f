"""The console in a real browser: at a desk and on a tablet, in both languages, with and without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from peyk.domain.conversations import Author
from tests.e2e.console.conftest import NPM, Seat
from tests.e2e.console.morning import Desk, SteadyClock

pytestmark = [pytest.mark.browser]

SeatAt = Callable[..., Seat]
HERE = "/console/conversations/c1"
PAGES = ["/console/", HERE, "/console/tickets", "/console/tickets/PK-1001", "/console/search?q=TS", "/console/macros"]
ADMIN_PAGES = ["/console/hours", "/console/users", "/console/account"]
BEYOND = "() => document.documentElement.scrollWidth > innerWidth + 1"
# Where each character of a text stands on the screen.
EDGES = """(element, wanted) => {
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


def complaints_of_axe(page: Page) -> list[str]:
    """Return what axe finds wrong with a page."""
    script = NPM / "axe-core" / "axe.min.js"
    if not script.exists():
        pytest.skip("axe-core is not there: run npm ci in widget/")
    # The page's policy lets no foreign script in; the browser's tools may.
    page.evaluate(script.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]


@pytest.mark.parametrize("size", ["desk", "tablet", "phone"])
@pytest.mark.parametrize(("login", "scheme"), [("sara", "light"), ("daniel", "dark")])
def test_every_page_is_sound(desk: Desk, seat_at: SeatAt, size: str, login: str, scheme: str) -> None:
    seat = seat_at(size, color_scheme=scheme)
    page = seat.page
    page.goto(f"{desk.url}/console/login")
    assert complaints_of_axe(page) == []
    seat.log_in(login)
    for path in PAGES + (ADMIN_PAGES if login == "sara" else ADMIN_PAGES[-1:]):
        seat.open(path)
        assert complaints_of_axe(page) == [], path
        assert not page.evaluate(BEYOND), path
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if login == "sara" else "ltr")


def test_a_whole_hand_off_between_two_operators(desk: Desk, seat_at: SeatAt) -> None:
    sara, daniel = seat_at(), seat_at("tablet")
    sara.log_in("sara")
    daniel.log_in("daniel")
    first = sara.open(HERE)
    first.get_by_role("button", name="برداشتن").click()
    expect(first.locator(".state")).to_have_attribute("data-mine", "yes")
    # The colleague's list knows without a reload.
    expect(daniel.page.locator(".group", has_text="With colleagues")).to_contain_text("سارا احمدی")
    first.locator("details.macros summary").click()
    first.get_by_role("button", name="سلام و بررسی").click()
    expect(first.locator("#reply")).to_have_value("سلام، سارا احمدی هستم. سفارش TS-104233 را بررسی می‌کنم.")
    first.locator("#reply").press("Control+Enter")
    expect(first.locator(".said.agent")).to_contain_text("سارا احمدی هستم")
    expect(first.locator("#reply")).to_have_value("")
    expect(first.locator("#reply")).to_be_focused()
    desk.desk.said("c1", Author.CUSTOMER, "ممنون، منتظرم")
    desk.live.nudge("c1")
    expect(first.locator(".said.customer").last).to_contain_text("ممنون، منتظرم")
    first.get_by_placeholder("یادداشت تازه").fill("عکس جعبه را دیدم")
    first.get_by_role("button", name="ثبت یادداشت").click()
    expect(first.locator("#notes")).to_contain_text("عکس جعبه را دیدم")
    first.get_by_role("button", name="واگذاری").first.click()
    first.locator("#move select").select_option(label="Daniel")
    first.locator("#move textarea").fill("لطفاً پیگیری کن")
    first.locator("#move button.main").click()
    first.wait_for_url("**/console/")
    second = daniel.open(HERE)
    expect(second.locator("#notes")).to_contain_text("لطفاً پیگیری کن")
    second.get_by_role("button", name="Finish").click()
    second.locator("#finish textarea").fill("بستهٔ تازه فرستاده شد.")
    second.locator("#finish button.main").click()
    second.wait_for_url("**/console/")
    assert desk.desk.kept["c1"].about.ownership.agent is None
    assert desk.desk.kept["c1"].entries[-1].text == "بستهٔ تازه فرستاده شد."


def test_the_customer_is_told_who_writes_and_what_was_read(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("sara")
    page = seat.open(HERE)
    page.locator("#reply").press_sequentially("x")
    page.get_by_role("button", name="برداشتن").click()
    expect(page.locator(".state")).to_have_attribute("data-mine", "yes")
    with page.expect_response("**/c1/typing"):
        page.locator("#reply").press_sequentially("a moment")
    # Once for the whole word, and not for what was written before the conversation was taken.
    assert desk.signs.written == ["c1"]
    desk.desk.said("c1", Author.CUSTOMER, "سلام؟")
    with page.expect_response(lambda response: "looking=true" in response.url and response.status == 200):
        desk.live.nudge("c1")
    assert desk.signs.read[-1] == ("c1", len(desk.desk.kept["c1"].entries))


def test_a_button_stays_the_same_as_long_as_nothing_has_changed(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("sara")
    page = seat.open(HERE)
    page.evaluate("document.getElementById('do-take').isStill = true")
    with page.expect_response(lambda response: response.url.endswith("/c1/state")):
        page.evaluate("htmx.trigger(document.body, 'peyk:changed')")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    # A click that falls on it while it is replaced would be lost.
    assert page.evaluate("document.getElementById('do-take').isStill")


def test_what_is_being_written_outlives_the_loss_of_the_conversation(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("sara")
    page = seat.open(HERE)
    page.evaluate("window.stays = true")
    page.get_by_role("button", name="برداشتن").click()
    page.locator("#reply").fill("نیمه‌کاره")
    expect(page.locator(".state")).to_have_attribute("data-mine", "yes")
    assert page.evaluate("window.stays"), "a page that is loaded again loses what is written at once"
    person = desk.staff.by_login("sara")
    assert person
    assert isinstance(desk.clock, SteadyClock)
    desk.clock.time += timedelta(seconds=5)
    desk.desk.release("c1", person.id)
    expect(page.locator(".state")).to_have_attribute("data-mine", "no")
    expect(page.locator("#reply")).to_be_visible()
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#composer .problem")).to_contain_text("دیگر نزد شما نیست")
    expect(page.locator("#reply")).to_have_value("نیمه‌کاره")
    assert all(entry.author is not Author.AGENT for entry in desk.desk.kept["c1"].entries)
    # The browser itself notes that the server refused.
    seat.complaints[:] = [each for each in seat.complaints if "409" not in each]


@pytest.mark.parametrize(("status", "said"), [(413, "5 MB"), (503, "Not sent"), (408, "Not sent")])
def test_what_is_being_written_outlives_a_refused_upload(desk: Desk, seat_at: SeatAt, status: int, said: str) -> None:
    seat = seat_at()
    seat.log_in("daniel")
    person = desk.staff.by_login("daniel")
    assert person
    desk.desk.take("c1", person.id)
    page = seat.open(HERE)
    page.locator("#reply").fill("half a thought")
    # As the guard refuses, before the console sees anything.
    page.route("**/reply/files", lambda route: route.fulfill(status=status, json={"error": {"code": "busy"}}))
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#problems")).to_contain_text(said)
    expect(page.locator("#reply")).to_have_value("half a thought")
    page.unroute("**/reply/files")
    page.locator("#reply").press("Control+Enter")
    expect(page.locator(".said.agent")).to_contain_text("half a thought")
    expect(page.locator("#problems")).to_be_empty()
    seat.complaints[:] = [each for each in seat.complaints if str(status) not in each]


def test_a_file_that_is_too_large_is_not_sent(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("sara")
    person = desk.staff.by_login("sara")
    assert person
    desk.desk.take("c1", person.id)
    page = seat.open(HERE)
    page.locator("#reply").fill("عکس را ببینید")
    large = FilePayload(name="a.png", mimeType="image/png", buffer=b"x" * (5 * 1024 * 1024 + 1))
    page.locator("input[type=file]").set_input_files(large)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#problems")).to_contain_text("۵ مگابایت")
    expect(page.locator("#reply")).to_have_value("عکس را ببینید")
    assert "POST" not in sent


def test_a_session_that_ends_leads_to_the_log_in(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("sara")
    page = seat.open(HERE)
    person = desk.staff.by_login("sara")
    assert person
    desk.sessions.close_all(person.id)
    # Nobody has touched anything: the page's own next question is answered by the way to the log-in.
    page.wait_for_url("**/console/login")
    seat.complaints[:] = [each for each in seat.complaints if "401" not in each]


def test_without_a_mouse(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    page = seat.log_in("daniel")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).not_to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("[data-row]").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    # News replace the rows, and the focus stays where it was.
    with page.expect_response("**/console/queue?*"):
        desk.desk.said("c3", Author.CUSTOMER, "هستید؟")
    expect(page.locator(".unread").last).to_contain_text("2")
    expect(page.locator("[data-row]").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations/c2")
    page.keyboard.press("e")
    expect(page.locator(".state")).to_have_attribute("data-mine", "yes")
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.type("r n ? are letters here")
    expect(page.locator("#reply")).to_have_value("r n ? are letters here")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said.agent")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_placeholder("New note")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/console/tickets")
    page.keyboard.press("/")
    page.wait_for_url("**/console/search")
    expect(page.locator("[name=q]")).to_be_focused()


def test_shortcuts_can_be_switched_off(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    page = seat.log_in("daniel")
    page.keyboard.press("?")
    page.locator("#single-keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(page.locator("#shortcuts")).not_to_be_visible()
    assert page.url.endswith("/console/")


def test_numbers_in_persian_read_from_left_to_right(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("daniel")
    page = seat.open(HERE)
    for number in ("TS-104233", "14:00-16:00", "0912***67"):
        place = page.locator(".said p", has_text=number).first
        edges = place.evaluate(EDGES, number)
        assert len(edges) == len(number)
        assert edges == sorted(edges), number


def test_personal_data_appears_when_it_is_opened(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at()
    seat.log_in("daniel")
    page = seat.open(HERE)
    expect(page.locator("main")).not_to_contain_text("09121234567")
    page.get_by_role("button", name="Show personal data").click()
    expect(page.locator("#log")).to_contain_text("09121234567")
    expect(page.locator(".about")).to_contain_text("سارا نمونه")


def test_without_scripts_it_works_too(desk: Desk, seat_at: SeatAt) -> None:
    seat = seat_at(java_script_enabled=False)
    seat.log_in("sara")
    page = seat.open(HERE)
    page.get_by_role("button", name="برداشتن").click()
    page.locator("#reply").fill("بدون اسکریپت")
    page.get_by_role("button", name=re.compile("فرستادن")).click()
    expect(page.locator(".said.agent")).to_contain_text("بدون اسکریپت")
