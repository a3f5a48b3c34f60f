"""What the bot says, as the messenger takes it: escaped, short enough, in the right order of letters."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyk.channels.telegram.card import order_card, stage_line
from peyk.channels.telegram.render import Notice, inline_keyboard, notice, render, without_keyboard
from peyk.channels.telegram.split import split, utf16_units
from peyk.domain.situations import Situation
from peyk.i18n import text
from peyk.text.isolate import LEFT_TO_RIGHT, POP, without_isolation
from peyk.web.demo_bot.rules import Html, check_message, units

TOKEN = "b:Zk3vQm0uT1xYh8sA"
STAGE = {"orderId": "TS-104233", "status": "in_transit", "statusFa": "در راه"}
PARCEL = {
    "carrier": "post",
    "code": "TRK-88392011",
    "url": "https://tracking.post.ir/?id=TRK-88392011&x=1",
    "lastEvent": "تحویل به مرکز مبادلات",
    "asOf": "2026-11-21T21:31:30.487156+00:00",
}
ITEM = {"sku": "HP-210", "title": "هدفون آوا A21", "quantity": 1, "price": "۲٬۸۹۰٬۰۰۰ تومان"}
DETAIL = {
    **STAGE,
    "createdAt": "2026-11-19T06:45:00+00:00",
    "eta": "2026-11-26T17:30:00+00:00",
    "items": [ITEM, {**ITEM, "title": "کابل", "quantity": 2}],
    "tracking": PARCEL,
}
PIECES = [*"<>&\"'.! \n۱۲3-", "سلام ", "TS-1 ", "👨‍👩‍👧", "e\u0301", "👍🏽", "\u200c", "+98 912 345 6789", "x" * 50]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=80).map("".join)


def shown(html: str) -> str:
    return without_isolation(Html().read(html))


def checked(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for body in bodies:
        check_message({"chat_id": 1, **body})
        assert units(body["text"]) < 4096
        assert body["parse_mode"] == "HTML"
        assert body["link_preview_options"] == {"is_disabled": True}
    return bodies


def card(order: dict[str, Any], language: str = "fa") -> str:
    return "\n".join(order_card(order, language))


def titles(rows: list[list[dict[str, str]]]) -> list[list[str]]:
    return [[without_isolation(button["text"]) for button in row] for row in rows]


def buttons(*names: str) -> list[dict[str, str]]:
    return [{"title": name, "payload": TOKEN} for name in names]


class TestText:
    def test_each_message_is_a_body(self) -> None:
        assert [shown(body["text"]) for body in checked(render([{"text": "سلام"}, {"text": "بفرمایید"}], "fa"))] == [
            "سلام",
            "بفرمایید",
        ]

    def test_what_looks_like_html_is_text(self) -> None:
        (body,) = checked(render([{"text": '<b>&amp; "x"</b>'}], "en"))
        assert body["text"] == '&lt;b&gt;&amp;amp; "x"&lt;/b&gt;'

    def test_persian_is_marked_and_english_not(self) -> None:
        persian, english = render([{"text": "سفارش TS-1 رسید"}, {"text": "Order TS-1 is here"}], "fa")
        assert persian["text"] == f"سفارش {LEFT_TO_RIGHT}TS-1{POP} رسید"
        assert english["text"] == "Order TS-1 is here"

    @pytest.mark.parametrize("message", [{}, {"text": ""}, {"text": " \n"}, {"text": None}, {"custom": {"error": "x"}}])
    def test_nothing_to_say_is_no_body(self, message: dict[str, Any]) -> None:
        assert render([message], "fa") == []

    @pytest.mark.parametrize("asked", ["mobile", "otp"])
    def test_what_is_asked_for_is_no_matter_here(self, asked: str) -> None:
        marked = {"text": "کد؟", "buttons": buttons("دوباره"), "custom": {"input": asked, "nextActions": []}}
        plain = {name: marked[name] for name in ("text", "buttons")}
        assert render([marked], "fa") == checked(render([plain], "fa"))

    def test_long_text_in_order_with_its_buttons_at_the_end(self) -> None:
        sentences = [f"این جملهٔ شمارهٔ {number} است و TS-{number} در آن هست." for number in range(300)]
        bodies = checked(render([{"text": " ".join(sentences), "buttons": buttons("خیر")}], "fa"))
        assert len(bodies) > 3
        assert " ".join(shown(body["text"]) for body in bodies) == " ".join(sentences)
        assert all(shown(body["text"]).endswith("هست.") for body in bodies)
        assert ["reply_markup" in body for body in bodies] == [False] * (len(bodies) - 1) + [True]

    @pytest.mark.parametrize("filling", ["<", "&", "👍", "س", "۱", "TS-1 سلام ", "x"])
    def test_the_length_is_that_of_what_is_sent(self, filling: str) -> None:
        bodies = checked(render([{"text": filling * 9000}], "fa"))
        kept = "".join(shown(body["text"]) for body in bodies)
        assert kept.replace(" ", "") == (filling * 9000).replace(" ", "")

    @given(TEXTS)
    def test_nothing_is_lost_and_all_is_taken(self, words: str) -> None:
        bodies = checked(render([{"text": words * 12}], "fa"))
        kept = "".join(shown(body["text"]) for body in bodies)
        assert "".join(kept.split()) == "".join((words * 12).split())


class TestSplit:
    @staticmethod
    def at(length: int, words: str) -> list[str]:
        return split(words, lambda part: utf16_units(part) <= length)

    @pytest.mark.parametrize(
        ("length", "words", "parts"),
        [
            (100, "کوتاه.", ["کوتاه."]),
            (12, "One. Two three.", ["One.", "Two three."]),
            (12, "یک؟ دو سه چهار.", ["یک؟", "دو سه چهار."]),
            (12, "سطر\nسطر دیگر.", ["سطر", "سطر دیگر."]),
            (12, "«یک.» دو سه چهار", ["«یک.»", "دو سه چهار"]),
            (10, "one two three", ["one two", "three"]),
            (12, "v 3.14159265358 x", ["v", "3.1415926535", "8 x"]),
            (20, "call +98 912 345 6789 now", ["call", "+98 912 345 6789 now"]),
            (16, "ساعت خوب 14:00-16:00 است", ["ساعت خوب", "14:00-16:00 است"]),
            (8, "سسسسس12345", ["سسسسس", "12345"]),
            (5, "👍👍👍", ["👍👍", "👍"]),
            (3, "ab👍", ["ab", "👍"]),
            (5, "سسسسe\u0301", ["سسسس", "e\u0301"]),
            (9, "👍🏽👍🏽👍🏽", ["👍🏽👍🏽", "👍🏽"]),
            (10, "س👨‍👩‍👧👨‍👩‍👧", ["س👨‍👩‍👧", "👨‍👩‍👧"]),
            (6, "👍🏽👍🏽", ["👍🏽", "👍🏽"]),
            (2, "سسّ", ["س", "سّ"]),
            (10, "👨‍👩‍👧👨‍👩‍👧", ["👨‍👩‍👧", "👨‍👩‍👧"]),
            (11, "👨‍👩‍👧👨‍👩‍👧", ["👨‍👩‍👧", "👨‍👩‍👧"]),
            (1, "👍", ["👍"]),
            (5, "   ", []),
        ],
    )
    def test_where(self, length: int, words: str, parts: list[str]) -> None:
        assert self.at(length, words) == parts

    def test_a_sentence_end_far_from_the_end_is_no_good_place(self) -> None:
        first, _ = self.at(100, f"Hi. {'word ' * 22}")
        assert len(first) > 90

    def test_a_part_that_does_not_fit_though_a_longer_one_would(self) -> None:
        def fits(part: str) -> bool:
            return len(part) <= 4 and part != "ab"

        assert all(fits(part) for part in split("ab cdefg", fits))

    @pytest.mark.parametrize("character", ["a", "ی", "\u200c", "\uffff"])
    def test_one_unit(self, character: str) -> None:
        assert utf16_units(character) == units(character) == 1

    def test_two_units(self) -> None:
        assert utf16_units("👍") == units("👍") == 2


class TestCard:
    def test_level_1_tells_number_and_stage(self) -> None:
        assert shown(card(STAGE)) == "سفارش TS-104233\n●●●○○ در راه"
        assert shown(card(STAGE, "en")) == "Order TS-104233\n●●●○○ in transit"

    def test_level_2_tells_all(self) -> None:
        assert shown(card(DETAIL)).split("\n") == [
            "سفارش TS-104233",
            "●●●○○ در راه",
            "ثبت سفارش: پنجشنبه ۲۸ آبان",
            "تحویل تا: پنجشنبه ۵ آذر",
            "کالاها:",
            "• هدفون آوا A21، ۲٬۸۹۰٬۰۰۰ تومان",
            "• ۲ عدد کابل، ۲٬۸۹۰٬۰۰۰ تومان",
            "شرکت حمل: پست",
            "کد رهگیری: TRK-88392011",
            "آخرین رویداد: تحویل به مرکز مبادلات",
            "آخرین به‌روزرسانی: یکشنبه ۱ آذر، ساعت ۰۱:۰۱",
            "پیگیری در سایت شرکت حمل",
        ]

    def test_the_code_is_copied_by_a_tap_without_marks(self) -> None:
        assert f"{LEFT_TO_RIGHT}<code>TRK-88392011</code>{POP}" in card(DETAIL)
        assert "Tracking code: <code>TRK-88392011</code>" in card(DETAIL, "en")

    def test_the_link(self) -> None:
        assert '<a href="https://tracking.post.ir/?id=TRK-88392011&amp;x=1">' in card(DETAIL)

    @pytest.mark.parametrize("url", [None, "javascript:alert(1)", "tg://user?id=1", 5, "https://x/" + "a" * 600])
    def test_no_other_link(self, url: object) -> None:
        assert "<a" not in card({**DETAIL, "tracking": {**PARCEL, "url": url}})

    def test_several_parcels(self) -> None:
        parcels = [PARCEL, {**PARCEL, "code": "TRK-2"}]
        assert card({**DETAIL, "parcels": parcels}).count("<code>") == 2

    def test_no_more_than_can_be_read(self) -> None:
        many = card({**DETAIL, "items": [ITEM] * 20, "parcels": [PARCEL] * 20})
        assert many.count("•") == 8
        assert "و ۱۲ کالای دیگر" in shown(many)
        assert many.count("<code>") == 5

    @pytest.mark.parametrize("status", Situation)
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_every_stage_has_its_name(self, status: Situation, language: str) -> None:
        line = stage_line({"status": status.value}, language)
        assert line.endswith(text(f"situation.{status.value}", language))
        assert line.count("●") + line.count("○") in (0, 5)

    @pytest.mark.parametrize(
        ("status", "bar"),
        [
            ("awaiting_payment", "○○○○○ "),
            ("registered", "●○○○○ "),
            ("preparing", "●●○○○ "),
            ("in_transit", "●●●○○ "),
            ("out_for_delivery", "●●●●○ "),
            ("delivered", "●●●●● "),
            *(
                (status, "")
                for status in ("late", "lost", "split", "returned", "cancelled", "refunded", "refund_pending")
            ),
        ],
    )
    def test_a_bar_only_where_the_stage_is_known(self, status: str, bar: str) -> None:
        assert stage_line({"status": status}, "fa") == bar + text(f"situation.{status}", "fa")

    def test_a_stage_not_known_here(self) -> None:
        order = {"status": "teleported", "statusFa": "جابه‌جاشده"}
        assert stage_line(order, "fa") == "جابه‌جاشده"
        assert stage_line(order, "en") == ""

    @pytest.mark.parametrize("status", ["delivered", "late", "cancelled", "delivery_failed", "lost"])
    def test_no_expected_day_where_none_is_to_come(self, status: str) -> None:
        assert "تحویل تا" not in card({**DETAIL, "status": status})

    def test_a_stage_of_another_shape(self) -> None:
        assert shown(card({**STAGE, "status": [], "statusFa": 5})) == "سفارش TS-104233"

    @pytest.mark.parametrize("order", [{}, {"orderId": ""}, {"orderId": 5}])
    def test_no_number_no_card(self, order: dict[str, Any]) -> None:
        assert order_card(order, "fa") == []

    @pytest.mark.parametrize("bad", [None, 5, "x", "2026-11-19", [], {}, [5], [{}], {"carrier": 5, "code": 5}])
    def test_what_cannot_be_read_is_left_out(self, bad: object) -> None:
        order = {**STAGE, **dict.fromkeys(("createdAt", "eta", "items", "tracking", "parcels"), bad)}
        assert shown(card(order)) == "سفارش TS-104233\n●●●○○ در راه"

    def test_below_the_words_of_its_message(self) -> None:
        (body,) = checked(
            render([{"text": "در راه است.", "custom": {"order": STAGE}, "buttons": buttons("خیر")}], "fa")
        )
        assert shown(body["text"]) == "در راه است.\n\nسفارش TS-104233\n●●●○○ در راه"
        assert body["reply_markup"]

    def test_alone(self) -> None:
        (body,) = checked(render([{"custom": {"order": STAGE}}], "fa"))
        assert shown(body["text"]).startswith("سفارش")

    def test_beside_words_that_leave_no_room(self) -> None:
        bodies = checked(render([{"text": "س" * 4090, "custom": {"order": DETAIL}, "buttons": buttons("خیر")}], "fa"))
        assert [shown(body["text"])[:5] for body in bodies] == ["سسسسس", "سفارش"]
        assert "reply_markup" in bodies[1]
        assert "reply_markup" not in bodies[0]

    @pytest.mark.parametrize("nasty", ["<b>", "&", "👍", '"'])
    def test_however_long_and_nasty_its_values_are(self, nasty: str) -> None:
        item = {"title": nasty * 900, "quantity": 3, "price": nasty * 900}
        parcel = {**PARCEL, "code": nasty * 900, "lastEvent": nasty * 900, "url": "https://x/" + "&" * 480}
        order = {**DETAIL, "orderId": nasty * 900, "items": [item] * 30, "parcels": [parcel] * 9}
        bodies = checked(render([{"text": "سلام", "custom": {"order": order}}], "fa"))
        assert len(bodies) > 1
        assert unescape(bodies[0]["text"]).startswith("سلام")


class TestButtons:
    def test_the_token_is_the_callback_data(self) -> None:
        assert inline_keyboard([{"title": "سفارش TS-1", "payload": TOKEN}]) == {
            "inline_keyboard": [[{"text": f"سفارش {LEFT_TO_RIGHT}TS-1{POP}", "callback_data": TOKEN}]]
        }

    @pytest.mark.parametrize(
        ("names", "rows"),
        [
            (["بله", "خیر"], [["بله", "خیر"]]),
            (["۱ ★", "۲ ★", "۳ ★", "۴ ★", "۵ ★"], [["۱ ★", "۲ ★", "۳ ★", "۴ ★", "۵ ★"]]),
            (["a"] * 7, [["a"] * 5, ["a"] * 2]),
            (["دیدن جزئیات با تأیید موبایل", "خیر"], [["دیدن جزئیات با تأیید موبایل"], ["خیر"]]),
            (["گفت‌وگو با پشتیبان", "بررسی دوباره"], [["گفت‌وگو با پشتیبان"], ["بررسی دوباره"]]),
            (["بررسی دوباره", "پیگیری سفارش", "لغو"], [["بررسی دوباره", "پیگیری سفارش"], ["لغو"]]),
            (["👍" * 8, "x"], [["👍" * 8], ["x"]]),
            (["گ\u200cو\u200cگ\u200c" * 4, "خیر"], [["گ\u200cو\u200cگ\u200c" * 4, "خیر"]]),
        ],
    )
    def test_rows(self, names: list[str], rows: list[list[str]]) -> None:
        keyboard = inline_keyboard(buttons(*names))
        assert keyboard is not None
        assert titles(keyboard["inline_keyboard"]) == rows

    @pytest.mark.parametrize(
        "bad",
        [
            {"title": "x", "payload": "ی" * 33},
            {"title": "x", "payload": ""},
            {"title": " ", "payload": TOKEN},
            {"title": "x"},
            {},
        ],
    )
    def test_one_the_api_would_refuse_does_not_take_the_message_with_it(self, bad: dict[str, str]) -> None:
        (body,) = checked(render([{"text": "?", "buttons": [bad, *buttons("خیر")]}], "fa"))
        assert titles(body["reply_markup"]["inline_keyboard"]) == [["خیر"]]
        (body,) = checked(render([{"text": "?", "buttons": [bad]}], "fa"))
        assert "reply_markup" not in body

    def test_the_longest_token(self) -> None:
        assert inline_keyboard([{"title": "x", "payload": "x" * 64}])

    def test_no_more_than_the_api_takes(self) -> None:
        keyboard = inline_keyboard(buttons(*["x"] * 150))
        assert keyboard is not None
        assert sum(len(row) for row in keyboard["inline_keyboard"]) == 100

    def test_buttons_without_words(self) -> None:
        (body,) = checked(render([{"buttons": buttons("بله")}], "fa"))
        assert body["text"] == text("telegram.choose", "fa")
        assert body["reply_markup"]


class TestContact:
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_asking(self, language: str) -> None:
        bodies = checked(render([{"text": "سلام", "buttons": buttons("خیر")}], language, ask_contact=True))
        assert "inline_keyboard" in bodies[0]["reply_markup"]
        ((button,),) = bodies[1]["reply_markup"]["keyboard"]
        assert button == {"text": text("telegram.contact_button", language), "request_contact": True}
        assert bodies[1]["reply_markup"]["one_time_keyboard"]

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_afterwards_the_keyboard_goes(self, language: str) -> None:
        said = render([{"text": "سلام"}, {"text": "خداحافظ"}], language)
        first, second = checked(without_keyboard(said, language))
        assert first == {**said[0], "reply_markup": {"remove_keyboard": True}}
        assert second == said[1]

    @pytest.mark.parametrize("said", [[], [{"text": "سلام", "buttons": [{"title": "خیر", "payload": "b:1"}]}]])
    def test_the_keyboard_goes_with_words_of_its_own_where_there_is_no_room(self, said: list[Any]) -> None:
        bodies = render(said, "fa")
        first, *rest = checked(without_keyboard(bodies, "fa"))
        assert first["text"] == text("telegram.contact_received", "fa")
        assert first["reply_markup"] == {"remove_keyboard": True}
        assert rest == bodies

    @pytest.mark.parametrize("kind", Notice)
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_the_channels_own_sentences(self, kind: Notice, language: str) -> None:
        (body,) = checked([notice(kind, language)])
        assert "reply_markup" not in body
