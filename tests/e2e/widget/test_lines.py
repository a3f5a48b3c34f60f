"""Dead links: nothing is lost, nothing is doubled, and the customer is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.widget.widget import Widget
from tests.fakes.chat_script import order

pytestmark = pytest.mark.browser

# What a browser does that forbids a page its storage.
BLOCKED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError'); }})"


def test_what_is_sent_while_the_server_refuses_arrives_once_in_the_same_bubble(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    widget.server.refuse()
    expect(widget.status).to_contain_text(widget.words.offline)
    widget.send("دو")
    widget.send("سه")
    expect(widget.mine).to_have_count(3)
    bubble = widget.mine.nth(1)
    expect(bubble.get_by_role("img", name="در انتظار فرستادن")).to_be_visible()
    bubble.evaluate("(element) => { element.sameBubble = true; }")
    expect(widget.input).to_be_enabled()
    widget.server.listen()
    expect(bubble.get_by_role("img", name="دیده شد")).to_be_visible()
    assert bubble.evaluate("(element) => element.sameBubble")
    expect(widget.status).to_contain_text(widget.words.online)
    expect(widget.theirs.last).to_contain_text("نوشتید: سه")
    assert widget.server.texts == ["یک", "دو", "سه"]
    expect(widget.mine).to_have_count(3)


def test_a_link_that_dies_after_the_server_got_it(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    widget.server.faults.die_after_accepting = 1
    widget.send("دو")
    expect(widget.mine.nth(1).get_by_role("img", name="رسید")).to_be_visible()
    assert widget.server.texts == ["یک", "دو"]
    expect(widget.mine).to_have_count(2)
    assert widget.server.hellos[-1]["pending"] != []
    assert widget.server.hellos[-1]["after"] == 2


def test_what_was_missed_is_fetched_on_reconnect(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    widget.server.refuse()
    expect(widget.status).to_contain_text(widget.words.offline)
    talk = widget.server.talk
    widget.server._append(talk, {"author": "agent", "text": "وقتی نبودید", "agent_name": "سارا"})
    widget.server.listen()
    expect(widget.theirs.last).to_contain_text("وقتی نبودید")
    assert [entry["seq"] for entry in talk.entries] == [1, 2, 3]


def test_entries_in_a_forged_order_stand_in_the_right_one(widget: Widget) -> None:
    widget.server.script = lambda said, _: [{"text": f"{said} {number}"} for number in ("اول", "دوم", "سوم")]
    widget.visit()
    widget.open()
    widget.ask("یک")
    expect(widget.theirs).to_have_count(3)
    widget.server.faults.forged_order = True
    widget.send("دو")
    expect(widget.theirs).to_have_count(6)
    assert [each.split("\n")[0] for each in widget.log.locator(".bubble p").all_inner_texts()] == [
        *("یک", "یک اول", "یک دوم", "یک سوم"),
        *("دو", "دو اول", "دو دوم", "دو سوم"),
    ]


def test_a_hole_is_filled(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    widget.server._append(widget.server.talk, {"author": "bot", "text": "گم‌شده"})
    widget.server.push("bot", text="بعدی")
    expect(widget.theirs).to_have_count(3)
    expect(widget.theirs.nth(1)).to_contain_text("گم‌شده")


def test_a_slow_answer_shows_that_somebody_writes(widget: Widget) -> None:
    widget.server.faults.slow_s = 1.0
    widget.visit()
    widget.open()
    widget.send("یک")
    expect(widget.log.locator(".typing")).to_be_visible()
    expect(widget.mine.get_by_role("img", name="دیده شد")).to_be_visible()
    expect(widget.theirs.last).to_contain_text("نوشتید")
    expect(widget.log.locator(".typing")).to_have_count(0)


def test_a_person_is_seen_writing_and_to_have_read_and_a_word_of_the_bot_is_no_reading(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    widget.server.talk.owner = "agent"
    widget.server.tell({"type": "owner", "owner": "agent", "agent_name": "سارا"})
    widget.send("دو")
    kept, seen = (widget.mine.last.get_by_role("img", name=name) for name in ("رسید", "دیده شد"))
    expect(kept).to_be_visible()
    widget.server.push("bot", text="سفارش شما رسید.")
    expect(widget.theirs.last).to_contain_text("سفارش شما رسید.")
    expect(kept).to_be_visible()
    widget.server.tell({"type": "seen", "seq": 4})
    expect(seen).to_be_visible()
    typing = widget.log.locator(".typing")
    widget.server.tell({"type": "typing", "author": "agent"})
    expect(typing).to_be_visible()
    widget.server.push("agent", text="سلام", agent_name="سارا")
    expect(typing).to_have_count(0)
    widget.server.tell({"type": "typing", "author": "agent"})
    expect(typing).to_be_visible()
    widget.server.tell({"type": "owner", "owner": "bot"})
    expect(typing).to_have_count(0)


def test_history_comes_back_after_a_reload(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.ask("سفارش TS-104233 کجاست؟")
    before = widget.log.locator(".bubble p").all_inner_texts()
    widget.page.reload()
    widget.open()
    expect(widget.theirs).to_have_count(2)
    assert widget.log.locator(".bubble p").all_inner_texts() == before
    assert len(widget.server.talks) == 1


def test_a_forged_token_begins_anew(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.page.evaluate(
        "localStorage.setItem(Object.keys(localStorage).find((key) => key.endsWith('token')), 'forged')"
    )
    widget.page.reload()
    widget.open()
    expect(widget.log.get_by_role("group")).to_have_accessible_name("پیشنهادها")
    widget.ask("از نو")
    assert len(widget.server.talks) == 2


def test_text_typed_offline_is_kept_over_a_reload_and_sent(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    # The page is still served, the chat is not: the reload finds a shop without its chat.
    widget.page.route("**/chat/**", lambda route: route.abort())
    widget.server.faults.no_sockets = True
    widget.server.drop_sockets()
    expect(widget.status).to_contain_text(widget.words.offline)
    widget.send("دو")
    widget.input.fill("نیمه‌کاره")
    widget.page.reload()
    widget.open()
    expect(widget.mine.last).to_contain_text("دو")
    expect(widget.input).to_have_value("نیمه‌کاره")
    assert widget.server.texts == ["یک"]
    widget.page.unroute("**/chat/**")
    widget.server.faults.no_sockets = False
    expect(widget.theirs.last).to_contain_text("نوشتید: دو", timeout=15_000)
    assert widget.server.texts == ["یک", "دو"]
    expect(widget.mine).to_have_count(2)


def test_two_tabs_are_one_conversation(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("از اولی")
    other = Widget(widget.page.context.new_page(), widget.server)
    other.visit()
    other.open()
    expect(other.mine).to_contain_text("از اولی")
    other.ask("از دومی")
    expect(widget.mine.last).to_contain_text("از دومی")
    expect(widget.theirs.last).to_contain_text("نوشتید: از دومی")
    for tab in (widget, other):
        expect(tab.mine).to_have_count(2)
    assert len(widget.server.talks) == 1
    assert widget.server.texts == ["از اولی", "از دومی"]


@pytest.mark.parametrize("plain", [False, True])
def test_two_first_tabs_opened_at_once_begin_one_conversation(widget: Widget, plain: bool) -> None:
    other = Widget(widget.page.context.new_page(), widget.server)
    widget.visit()
    other.visit()
    widget.server.faults.no_sockets = plain
    widget.server.faults.hold_greetings.set()
    widget.open()
    other.open()
    widget.send("از اولی")
    other.send("از دومی")
    widget.server.faults.hold_greetings.clear()
    for tab in (widget, other):
        expect(tab.theirs).to_have_count(2)
        expect(tab.mine).to_have_count(2)
    assert len(widget.server.talks) == 1
    assert sorted(widget.server.texts) == ["از اولی", "از دومی"]


# What another tab has stored is there later than the turn it has given: browsers promise no order.
LATE_STORAGE = """(() => {
  let seen = false;
  addEventListener('storage', (event) => {
    if (seen || !event.key?.endsWith(':token')) return;
    event.stopImmediatePropagation();
    setTimeout(() => {
      seen = true;
      dispatchEvent(new StorageEvent('storage', { key: event.key, newValue: event.newValue }));
    }, 300);
  });
  const { getItem } = Storage.prototype;
  Storage.prototype.getItem = function (key) {
    return key.endsWith(':token') && !seen ? null : getItem.call(this, key);
  };
})()"""


def test_a_second_tab_waits_for_what_the_first_has_stored(widget: Widget) -> None:
    other = Widget(widget.page.context.new_page(), widget.server)
    other.page.add_init_script(LATE_STORAGE)
    widget.visit()
    other.visit()
    widget.server.faults.hold_greetings.set()
    widget.open()
    widget.send("از اولی")
    other.open()
    other.send("از دومی")
    widget.server.faults.hold_greetings.clear()
    for tab in (widget, other):
        expect(tab.theirs).to_have_count(2)
    assert len(widget.server.talks) == 1


def test_a_first_tab_that_goes_leaves_its_turn_to_the_other(widget: Widget) -> None:
    other = Widget(widget.page.context.new_page(), widget.server)
    other.visit()
    widget.visit()
    widget.server.faults.hold_greetings.set()
    other.open()
    widget.open()
    widget.send("سلام")
    other.page.close()
    widget.server.faults.hold_greetings.clear()
    expect(widget.theirs.last).to_contain_text("نوشتید: سلام")


def test_a_tab_without_storage_works_alone(widget: Widget) -> None:
    other = Widget(widget.page.context.new_page(), widget.server)
    other.page.add_init_script(BLOCKED)
    widget.visit()
    other.visit()
    widget.server.faults.hold_greetings.set()
    widget.open()
    other.open()
    other.send("تنها")
    widget.server.faults.hold_greetings.clear()
    expect(other.theirs.last).to_contain_text("نوشتید: تنها")
    expect(widget.mine).to_have_count(0)


def test_without_websockets_plain_requests_do_the_same(widget: Widget) -> None:
    widget.server.faults.no_sockets = True
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.ask("باز هم")
    assert widget.server.texts == ["سلام", "باز هم"]
    widget.server.push("agent", text="من سارا هستم", agent_name="سارا")
    expect(widget.theirs.last).to_contain_text("من سارا هستم")
    expect(widget.mine).to_have_count(2)
    assert len(set(widget.server.posts)) == 2


def test_a_refused_message_says_why_and_can_be_sent_again(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("یک")
    widget.server.faults.refuse_messages = {"code": "burst", "text": "خیلی تند بود.", "retry_after_s": 300}
    widget.send("دو")
    expect(widget.mine.last).to_contain_text("خیلی تند بود.")
    widget.server.faults.refuse_messages = None
    widget.button(widget.words.retry).click()
    expect(widget.theirs.last).to_contain_text("نوشتید: دو")
    expect(widget.mine).to_have_count(2)
    assert widget.server.texts == ["یک", "دو"]


def test_the_stage_bar_moves_when_the_order_moves(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("123456")
    stages = widget.page.get_by_role("list", name="مرحله‌های سفارش")
    expect(stages.locator("[aria-current=step]")).to_contain_text("ارسال")
    widget.server.tell({"type": "order", "order": order("out_for_delivery", "در حال تحویل")})
    expect(stages.locator("[aria-current=step]")).to_contain_text("در مسیر تحویل")
    expect(widget.status).to_contain_text("در حال تحویل")


def test_news_of_an_order_that_stands_where_it_stood_are_shown_and_not_announced(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("123456")
    news = order()
    news["tracking"]["code"] = "TRK-11112222"
    widget.server.tell({"type": "order", "order": news})
    expect(widget.page.get_by_role("article")).to_contain_text("TRK-11112222")
    expect(widget.status).to_have_text("")


def test_what_the_shop_said_long_ago_says_when(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("123456")
    card = widget.page.get_by_role("article")
    expect(card).to_be_visible()
    expect(card).not_to_contain_text("آخرین پاسخ فروشگاه")
    widget.server.tell({"type": "order", "order": {**order(), "asOf": "2026-11-20T06:00:00+00:00"}})
    expect(card.locator("dl > div", has_text="آخرین پاسخ فروشگاه").locator("dd")).to_contain_text("۰۹:۳۰")


def test_unread_messages_are_counted_and_read_ones_not(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.button(widget.words.closing).click()
    widget.server.push("agent", text="یک")
    widget.server.push("agent", text="دو")
    badge = widget.page.get_by_role("button", name="باز کردن گفت‌وگو، ۲ پیام نخوانده")
    expect(badge).to_be_visible()
    badge.click()
    expect(widget.theirs.last).to_contain_text("دو")
    widget.button(widget.words.closing).click()
    expect(widget.page.get_by_role("button", name=widget.words.opening, exact=True)).to_be_visible()
    assert {"type": "seen", "seq": 4} in widget.server.received


def test_a_visitor_who_says_nothing_asks_the_server_nothing(widget: Widget) -> None:
    widget.visit()
    widget.page.wait_for_load_state("networkidle")
    assert widget.server.hellos == []
    assert widget.page.evaluate("localStorage.length") == 0


def test_a_long_answer_is_read_from_its_beginning(widget: Widget) -> None:
    widget.visit()
    widget.open()
    widget.ask("سلام")
    widget.ask("123456")
    widget.server.tell({"type": "typing", "author": "bot"})
    expect(widget.log.locator(".typing")).to_have_count(1)
    expect(widget.theirs.last.locator(".bubble")).to_be_in_viewport(ratio=1)
    expect(widget.page.get_by_role("list", name="مرحله‌های سفارش")).to_be_in_viewport(ratio=1)
