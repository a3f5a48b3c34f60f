"""A guest in a house: strict policies, hostile rules, nothing left lying about, nobody else asked; and small."""

from __future__ import annotations

import gzip

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Watch
from tests.e2e.widget.widget import STRICT, Widget, shop_page
from tests.fakes.chat_server import WIDGET

pytestmark = pytest.mark.browser

MAX_GZIP_BYTES = 40 * 1024
FONT = "vazirmatn.woff2"
LOOKS = """(element) => {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return [style.fontSize, style.color, style.backgroundColor, style.letterSpacing, style.lineHeight,
    style.direction, style.borderTopWidth, style.opacity, Math.round(box.width), Math.round(box.height)];
}"""
INLINE = """() => [...document.querySelector("peyk-chat").shadowRoot
  .querySelectorAll("style, [style]:not(textarea, .panel)")]
  .map((element) => element.outerHTML.slice(0, 90))"""
GLOBALS = "() => [...Object.getOwnPropertyNames(window), ...Object.getOwnPropertyNames(Symbol)]"


def fonts(watch: Watch) -> list[str]:
    """Return the fonts that were fetched."""
    return [address for address in watch.addresses if FONT in address]


def parts(widget: Widget) -> list[Locator]:
    """Return some of everything that is on the screen."""
    names = (".head", "h2", ".log", ".mine .bubble", ".theirs .bubble", ".reply", ".write", ".send", ".card", ".dot")
    return [widget.page.locator(f"peyk-chat {name}").first for name in names]


def test_a_strict_policy_forbids_nothing_of_ours(widget: Widget, watch: Watch) -> None:
    widget.visit(headers={"Content-Security-Policy": STRICT}, color="#8a1c5b")
    widget.open()
    widget.ask("سفارش من کجاست؟")
    widget.ask("امتیاز")
    widget.button(widget.words.settings).click()
    assert watch.complaints == []
    assert widget.page.evaluate(INLINE) == []
    head = widget.page.locator("peyk-chat .head")
    assert head.evaluate("(element) => getComputedStyle(element).backgroundColor") == "rgb(138, 28, 91)"
    assert fonts(watch)


def test_a_policy_that_forbids_fonts_leaves_the_systems(widget: Widget, watch: Watch) -> None:
    policy = STRICT.replace("font-src 'self'", "font-src 'none'")
    widget.visit(headers={"Content-Security-Policy": policy})
    widget.open()
    widget.ask("سلام")
    expect(widget.theirs.last).to_be_visible()
    assert all("font-src" in complaint for complaint in watch.complaints)
    watch.complaints.clear()


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_hostile_rules_change_nothing(widget: Widget, lang: str) -> None:
    looks = []
    widget.page.emulate_media(reduced_motion="reduce")
    widget = Widget(widget.page, widget.server, lang)
    for head in ("", '<link rel="stylesheet" href="/hostile.css">'):
        widget.server.talks.clear()
        widget.page.goto("about:blank")
        widget.visit(head=head)
        looks.append([widget.launcher.evaluate(LOOKS)])
        widget.open()
        widget.ask("سفارش من کجاست؟")
        widget.page.mouse.move(0, 0)
        widget.server.push("bot", text="؟", buttons=[{"title": "بله", "payload": "b:yes"}])
        expect(widget.theirs).to_have_count(2)
        widget.input.focus()
        widget.page.wait_for_function("document.fonts.status === 'loaded'")
        looks[-1] += [part.evaluate(LOOKS) for part in parts(widget) if part.count()]
        widget.page.evaluate("localStorage.clear()")
    assert looks[0] == looks[1]


def test_one_handle_is_all_that_is_left_on_the_page(widget: Widget) -> None:
    page = widget.page
    page.goto(widget.server.page("bare", "<!doctype html><title>bare</title>"))
    before = set(page.evaluate(GLOBALS))
    widget.visit()
    widget.open()
    widget.ask("سلام")
    assert set(page.evaluate(GLOBALS)) - before == {"Peyk"}
    assert page.evaluate("Object.keys(window.Peyk)") == ["open", "close", "toggle", "ask"]
    assert page.locator("html > *, body > *, head > style").count() == 4
    assert page.evaluate("document.cookie") == ""


def test_the_token_stands_in_no_address(widget: Widget, watch: Watch) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.page.reload()
    widget.open()
    expect(widget.theirs.last).to_be_visible()
    assert not [address for address in watch.addresses if widget.server.talk.token in address]


def test_no_font_until_the_first_persian_glyph(widget: Widget, watch: Watch) -> None:
    english = Widget(widget.page, widget.server, "en")
    english.visit()
    english.open()
    english.ask("where is my order?")
    widget.page.wait_for_load_state("networkidle")
    assert fonts(watch) == []
    with widget.page.expect_response(f"**/{FONT}"):
        english.server.push("agent", text="سلام", agent_name="Sara")


def test_a_closed_widget_loads_no_font(widget: Widget, watch: Watch) -> None:
    widget.visit()
    widget.page.wait_for_load_state("networkidle")
    assert fonts(watch) == []


def test_scripts_in_names_messages_and_file_names_are_text(widget: Widget) -> None:
    evil = "<img src=x onerror=\"window.owned='yes'\"><script>window.owned='yes'</script>"
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.send(evil)
    files = [{"id": "f", "name": evil, "type": evil, "size": 1, "url": "javascript:window.owned='yes'"}]
    shown = {
        "orderId": evil,
        "status": evil,
        "statusFa": evil,
        "items": [{"title": evil, "quantity": 1, "price": evil}],
    }
    track = {"carrier": evil, "code": evil, "url": "javascript:window.owned='yes'", "lastEvent": evil, "asOf": evil}
    widget.server.push("agent", text=evil, agent_name=evil, files=files)
    widget.server.push(
        "bot", text='javascript:x https://example.com/"onclick=1', buttons=[{"title": evil, "payload": "b:x"}]
    )
    widget.server.push("bot", custom={"order": shown | {"tracking": track}})
    widget.server.tell({"type": "owner", "owner": "agent", "agent_name": evil})
    expect(widget.page.get_by_role("article")).to_be_visible()
    expect(widget.page.locator("peyk-chat .who")).to_contain_text("<script>")
    shadow = "document.querySelector('peyk-chat').shadowRoot"
    assert widget.page.evaluate(f"{shadow}.querySelectorAll('img, script, [onclick], [onerror]').length") == 0
    addresses = widget.page.evaluate(f"[...{shadow}.querySelectorAll('a')].map((each) => each.protocol)")
    assert set(addresses) == {"https:"}
    assert widget.page.evaluate("window.owned") is None


def test_options_reach_the_screen(widget: Widget) -> None:
    words = "{&quot;send&quot;:&quot;Go&quot;}"
    html_options = {"language": "en", "side": "start", "title": "Rose", "greeting": "Ask us!", "texts": words}
    english = Widget(widget.page, widget.server, "en")
    page = shop_page(widget.server, "fa", **html_options, open="true", page="cart")
    widget.page.goto(widget.server.page("options", page))
    dialog = widget.page.get_by_role("dialog", name="Rose")
    expect(dialog).to_be_visible()
    expect(english.log).to_contain_text("Ask us!")
    expect(widget.page.get_by_role("button", name="Go")).to_be_visible()
    box = dialog.bounding_box()
    assert box is not None
    assert round(box["x"]) == 20
    english.ask("hello")
    assert widget.server.hellos[0]["page"] == "cart"


def test_it_is_small() -> None:
    assert len(gzip.compress((WIDGET / "peyk.js").read_bytes(), 9)) <= MAX_GZIP_BYTES
