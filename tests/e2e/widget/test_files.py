"""Files in the widget: they arrive once, whatever happens on the way, and can be opened as long as the page is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.widget.widget import Widget

pytestmark = pytest.mark.browser

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def attach(widget: Widget, name: str = "receipt.png") -> None:
    """Choose a file, as the system's dialog does."""
    picker = widget.element.locator(".picker")
    picker.set_input_files({"name": name, "mimeType": "image/png", "buffer": PNG})


def test_an_upload_that_fails_is_tried_again_and_the_customer_is_told(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.server.faults.lose_files = 10_000
    attach(widget)
    expect(widget.status).to_contain_text("فایل هنوز نرسیده است")
    expect(widget.mine.last.get_by_role("img", name="در انتظار فرستادن")).to_be_visible()
    widget.server.faults.lose_files = 0
    expect(widget.mine.last.get_by_role("link", name="receipt.png")).to_be_visible()
    expect(widget.status).not_to_contain_text("فایل هنوز نرسیده است")
    assert len(widget.server.files) == 1


def test_a_file_whose_answer_was_lost_is_not_there_twice(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.server.faults.lose_answers_of_files = 2
    attach(widget)
    expect(widget.mine.last.get_by_role("link", name="receipt.png")).to_be_visible()
    assert len(widget.server.files) == 1
    expect(widget.mine).to_have_count(2)
    assert len({each["id"] for each in widget.server.received if each.get("files")}) == 1


def test_a_file_of_a_page_that_was_open_for_long_is_opened_by_a_fresh_link(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    attach(widget)
    link = widget.mine.last.get_by_role("link", name="receipt.png")
    ways: list[Callable[[], None]] = [link.click, lambda: link.press("Enter"), lambda: link.click(button="middle")]
    for act in ways:
        with widget.page.context.expect_page() as opened:
            act()
        expect(opened.value.get_by_text("the picture")).to_be_visible()
        opened.value.close()
    assert len(widget.server.links) == 3


def test_a_file_that_cannot_be_opened_is_said_to_be(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    attach(widget)
    link = widget.mine.last.get_by_role("link", name="receipt.png")
    expect(link).to_be_visible()
    widget.server.faults.lose_links = True
    link.click()
    expect(widget.status).to_contain_text("فایل باز نشد")
