"""Numbers in Persian text: in their own order on the screen, whole on their line, plain on the clipboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.widget.widget import Widget

pytestmark = pytest.mark.browser

HOURS = "14:00-16:00"
PHONE = "+98 912 345 6789"
ORDER = "TS-104233"
MARKS = "\u200e\u200f\u2066\u2067\u2068\u2069"

# The box of each character of `wanted`, read across the nodes it is spread over.
BOXES = """(element, wanted) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const places = [];
  for (let node; (node = walker.nextNode()); ) for (let at = 0; at < node.data.length; at++) places.push([node, at]);
  const start = places.map(([node, at]) => node.data[at]).join("").indexOf(wanted);
  if (start < 0) return [];
  return places.slice(start, start + wanted.length).map(([node, at]) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const box = range.getClientRects()[0];
    return [box.left, box.top];
  });
}"""
SELECT = """(element) => {
  const selection = element.getRootNode().getSelection?.() ?? document.getSelection();
  selection.selectAllChildren(element);
}"""


def is_whole(place: Locator, wanted: str) -> bool:
    """Tell whether `wanted` stands from left to right on one line."""
    boxes = place.evaluate(BOXES, wanted)
    assert len(boxes) == len(wanted), f"{wanted} is not in {place.inner_text()!r}"
    lefts = [left for left, _ in boxes]
    return lefts == sorted(lefts) and len(set(lefts)) == len(lefts) and len({top for _, top in boxes}) == 1


def copied(widget: Widget, place: Locator) -> str:
    """Select a text, copy it with the keyboard, and return what is on the clipboard."""
    place.evaluate(SELECT)
    widget.page.keyboard.press("Control+c")
    return str(widget.page.evaluate("navigator.clipboard.readText()"))


@pytest.fixture(autouse=True)
def clipboard(widget: Widget) -> None:
    widget.page.context.grant_permissions(["clipboard-read", "clipboard-write"])


@pytest.mark.parametrize("direction", ["rtl", "ltr"])
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_the_shops_numbers_in_both_directions_of_page(widget: Widget, direction: str, lang: str) -> None:
    widget.visit(direction=direction, language="fa")
    widget.open()
    widget.ask("سلام")
    marks = "\u2066", "\u2069"
    for before, after in (("", ""), marks):
        for wanted in (HOURS, PHONE, ORDER):
            widget.server.push("bot", text=f"فردا {before}{wanted}{after} منتظرتان هستیم")
            bubble = widget.theirs.last.locator("p")
            expect(bubble).to_contain_text(wanted)
            assert is_whole(bubble, wanted)
            assert copied(widget, bubble) == f"فردا {wanted} منتظرتان هستیم"


@pytest.mark.parametrize("direction", ["rtl", "ltr"])
@pytest.mark.parametrize("around", ["فردا {} لطفاً", "{}", "call {} please"])
@pytest.mark.parametrize("wanted", [HOURS, PHONE, ORDER])
def test_the_customers_own_numbers(widget: Widget, direction: str, around: str, wanted: str) -> None:
    widget.visit(direction=direction)
    widget.open()
    widget.send(around.format(wanted))
    bubble = widget.mine.last.locator("p")
    assert is_whole(bubble, wanted)
    assert copied(widget, bubble) == around.format(wanted)
    expect(bubble).to_have_attribute("dir", "auto")
    expect(widget.input).to_have_attribute("dir", "auto")


def test_no_line_breaks_inside_a_number(widget: Widget) -> None:
    widget.visit()
    widget.open()
    for length in range(10, 40, 3):
        widget.send(f"{'ب' * length} {ORDER} {'پ' * length} {PHONE}")
        bubble = widget.mine.last.locator("p")
        expect(bubble).to_contain_text("پ" * length)
        assert is_whole(bubble, ORDER)
        assert is_whole(bubble, PHONE)


def test_nothing_invisible_is_copied_and_digits_are_ascii(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سفارش من؟")
    widget.server.push("agent", text="کد \u2068۸۸۳۹۲۰۱۱\u2069 تا \u200f۱۶:۰۰", agent_name="سارا")
    expect(widget.theirs.last).to_contain_text("۸۸۳۹۲۰۱۱")
    assert copied(widget, widget.theirs.last.locator("p")) == "کد 88392011 تا 16:00"
    whole = copied(widget, widget.log)
    assert "88392011" in whole
    assert not set(whole) & set(MARKS)


def test_the_order_card_reads_from_left_to_right(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("123456")
    card = widget.page.get_by_role("article", name="سفارش TS-104233")
    assert is_whole(card.locator("h3"), ORDER)
    assert is_whole(card, "TRK-88392011")
