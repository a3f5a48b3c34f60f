"""The widget for everybody: by keyboard alone, by ear, on a phone, in the dark, without motion, in large print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.widget.widget import Widget
from tests.fakes.chat_server import ChatServer

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[3] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
# What has the focus, in the page or in our shadow, as a screen reader names it.
FOCUSED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent.trim();
}"""
OUTLINED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const style = getComputedStyle(element);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
SMALL = """() => [...document.querySelector("peyk-chat").shadowRoot
  .querySelectorAll("button, input:not(.picker), textarea, a")]
  .map((element) => [element.getBoundingClientRect(), element])
  .filter(([box, element]) => element.checkVisibility() && !element.closest("p") && (box.width < 44 || box.height < 44))
  .map(([box, element]) => `${element.className} ${box.width}x${box.height}`)"""
BEYOND = """() => [...document.querySelector("peyk-chat").shadowRoot.querySelectorAll("*")]
  .filter((element) => element.checkVisibility() && !element.closest(".unseen, svg"))
  .map((element) => [element.getBoundingClientRect(), element])
  .filter(([box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
  .map(([, element]) => element.outerHTML.slice(0, 90))"""


def focused(widget: Widget) -> str:
    """Return the name of what has the focus; whatever has it shows it."""
    assert widget.page.evaluate(OUTLINED), "the focus cannot be seen"
    return str(widget.page.evaluate(FOCUSED))


def tab_to(widget: Widget, name: str, key: str = "Tab") -> None:
    """Press Tab until `name` has the focus."""
    for _ in range(25):
        widget.page.keyboard.press(key)
        if name in str(widget.page.evaluate(FOCUSED)):
            assert widget.page.evaluate(OUTLINED), f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"{name} is not reached by {key}")


def test_a_whole_conversation_by_keyboard_alone(widget: Widget) -> None:
    page = widget.page
    # The browser shows no dialogs from here on: asked for only when it is needed, it may come too late.
    page.on("filechooser", lambda _: None)
    widget.visit()
    page.get_by_role("button", name="before").focus()
    tab_to(widget, widget.words.opening)
    page.keyboard.press("Enter")
    expect(widget.input).to_be_focused()
    page.keyboard.type("سفارش من کجاست؟")
    page.keyboard.press("Enter")
    expect(widget.button("دیدن جزئیات با تأیید موبایل")).to_be_visible()
    expect(widget.input).to_be_focused()

    tab_to(widget, "دیدن جزئیات", "Shift+Tab")
    page.keyboard.press("Enter")
    mobile = page.get_by_role("textbox", name=widget.words.mobile)
    expect(mobile).to_be_focused()
    page.keyboard.type("09123456789")
    page.keyboard.press("Enter")
    code = page.get_by_role("textbox", name=widget.words.otp)
    expect(code).to_be_focused()
    page.keyboard.type("۱۲۳۴۵۶")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="سفارش TS-104233")).to_have_count(2)
    assert widget.server.texts[-1] == "123456"

    expect(widget.input).to_be_focused()
    tab_to(widget, widget.words.attach, "Shift+Tab")
    expect(widget.button(widget.words.attach)).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "رسید.png", "mimeType": "image/png", "buffer": PNG})
    expect(widget.mine.last.get_by_role("link", name="باز کردن رسید.png")).to_be_visible()
    assert widget.server.files[0][1] == "رسید.png"

    widget.input.focus()
    page.keyboard.type("امتیاز می‌دهم")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="امتیاز شما")).to_be_visible()
    tab_to(widget, "۴ از ۵ ستاره", "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="امتیاز شما: ۴ از ۵")).to_be_visible()
    expect(widget.theirs.last).to_contain_text("امتیازتان ثبت شد")

    page.keyboard.press("Escape")
    expect(widget.log).to_have_count(0)
    assert focused(widget) == widget.words.opening


def test_escape_closes_settings_first_and_gives_the_focus_back_to_who_opened(widget: Widget) -> None:
    widget.visit()
    before = widget.page.get_by_role("button", name="before")
    before.focus()
    widget.page.evaluate("Peyk.open()")
    expect(widget.input).to_be_focused()
    tab_to(widget, widget.words.settings, "Shift+Tab")
    widget.page.keyboard.press("Enter")
    expect(widget.page.get_by_role("switch")).to_have_count(2)
    widget.page.keyboard.press("Escape")
    expect(widget.page.get_by_role("switch")).to_have_count(0)
    assert focused(widget) == widget.words.settings
    widget.page.keyboard.press("Escape")
    expect(before).to_be_focused()


@pytest.mark.parametrize("lang", ["fa", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(widget: Widget, lang: str, scheme: str) -> None:
    page = widget.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # the names of CSS
    widget = Widget(page, widget.server, lang)
    widget.visit()
    findings = [*axe(widget)]
    widget.open()
    findings += axe(widget)
    widget.ask("سفارش من کجاست؟" if lang == "fa" else "where is my order?")
    widget.server.push("agent", text="https://example.com سلام", agent_name="سارا")
    widget.server.push("system", text="سارا آمد")
    widget.server.faults.refuse_messages = {"code": "burst", "text": "نشد", "retry_after_s": 300}
    widget.send("نه")
    expect(widget.mine.last.get_by_role("button").first).to_be_visible()
    findings += axe(widget)
    widget.server.faults.refuse_messages = None
    widget.mine.last.get_by_role("button").last.click()
    widget.ask("۱۲۳۴۵۶" if lang == "fa" else "code")
    widget.button(widget.words.settings).click()
    findings += axe(widget)
    widget.button(widget.words.settings).click()
    widget.server.push("bot", text="?", custom={"input": "otp"})
    expect(page.get_by_role("textbox", name=widget.words.otp)).to_be_visible()
    findings += axe(widget)
    assert findings == []


def axe(widget: Widget) -> Iterator[str]:
    """Return what axe calls serious or critical."""
    if not widget.page.evaluate("'axe' in window"):
        widget.page.add_script_tag(path=AXE)
    found = widget.page.evaluate("axe.run('peyk-chat')")
    for each in found["violations"]:
        if each["impact"] in {"serious", "critical"}:
            yield f"{each['id']}: {[node['html'] for node in each['nodes']]} {each['nodes'][0]['failureSummary']}"


def test_what_a_screen_reader_is_told(widget: Widget) -> None:
    widget.visit()
    widget.open()
    expect(widget.log).to_have_attribute("aria-live", "polite")
    expect(widget.page.get_by_role("dialog", name="پشتیبانی فروشگاه")).to_be_visible()
    widget.ask("سلام")
    expect(widget.mine.last).to_contain_text("شما:")
    expect(widget.theirs.last).to_contain_text("دستیار فروشگاه")


def test_the_code_field_is_made_for_codes(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("09123456789")
    code = widget.page.get_by_role("textbox", name=widget.words.otp)
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")
    # A phone that reads the text message puts the whole code in at once.
    code.focus()
    widget.page.keyboard.insert_text("123456")
    code.dispatch_event("input")
    expect(widget.page.get_by_role("article")).to_be_visible()
    assert widget.server.texts[-1] == "123456"


def test_a_code_field_does_not_push_half_written_words_away(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.input.fill("نیمه‌کاره")
    widget.server.push("bot", text="کد؟", custom={"input": "otp"})
    expect(widget.button("بازگشت به کادر ورود")).to_be_visible()
    expect(widget.input).to_have_value("نیمه‌کاره")


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_phone_of_360_by_640(browser: Browser, server: ChatServer, size: int) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    try:
        widget = Widget(context.new_page(), server)
        widget.visit()
        widget.open()
        panel = widget.page.get_by_role("dialog")
        assert panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
        widget.ask("123456")
        widget.button(widget.words.settings).click()
        widget.page.get_by_role("group", name="اندازهٔ نوشته").get_by_role("button").nth(size).click()
        assert widget.page.evaluate(BEYOND) == []
        assert widget.page.evaluate(SMALL) == []
        assert float(widget.input.evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)")) >= 16
        for _ in range(30):
            widget.page.keyboard.press("Tab")
            assert widget.page.evaluate("document.activeElement.localName") == "peyk-chat"
    finally:
        context.close()


def test_targets_are_44_pixels_on_a_desk_too(widget: Widget) -> None:
    widget.visit()
    assert widget.page.evaluate(SMALL) == []
    widget.open()
    widget.ask("سفارش من")
    widget.ask("امتیاز")
    widget.button(widget.words.settings).click()
    assert widget.page.evaluate(SMALL) == []


def test_nothing_moves_for_who_wants_no_motion(widget: Widget) -> None:
    widget.page.emulate_media(reduced_motion="reduce")
    widget.server.faults.slow_s = 1.0
    widget.visit()
    widget.open()
    widget.send("سلام")
    expect(widget.log.locator(".typing")).to_be_visible()
    moving = (
        "document.querySelector('peyk-chat').shadowRoot.getAnimations?.().length ?? document.getAnimations().length"
    )
    assert widget.page.evaluate(moving) == 0


def test_settings_are_remembered(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.button(widget.words.settings).click()
    sound = widget.page.get_by_role("switch", name="صدای پیام تازه")
    expect(sound).to_have_attribute("aria-checked", "false")
    sound.click()
    widget.page.get_by_role("switch", name="نمایش شمار").click()
    widget.page.reload()
    widget.open()
    widget.ask("سلام")
    widget.button(widget.words.settings).click()
    expect(sound).to_have_attribute("aria-checked", "true")
    widget.button(widget.words.closing).click()
    widget.server.push("agent", text="یک")
    # Said after the message on the same socket: once it is there, the message is.
    widget.server.tell({"type": "order", "order": {"orderId": "TS-1", "status": "delivered", "statusFa": "تحویل‌شده"}})
    expect(widget.status).to_contain_text("TS-1")
    expect(widget.page.get_by_role("button", name=widget.words.opening, exact=True)).to_be_visible()
