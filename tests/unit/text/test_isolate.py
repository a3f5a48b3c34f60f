"""Left-to-right runs in Persian text keep their own order, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyk.text.isolate import LEFT_TO_RIGHT, POP, has_persian, isolate, left_to_right_runs, without_isolation

PIECES = st.sampled_from(
    [
        "سفارش",
        "می‌رسد",
        " ",
        "\n",
        "،",
        "۱۴:۱۰",
        "14:00-16:00",
        "TS-104233",
        "+98",
        "912",
        "(",
        ")",
        "iPhone",
        "👍🏽",
        "·",
    ],
)
HARD_PIECES = st.sampled_from(
    ["https://a.ir/x?y=1", "a@b.ir", "***", "e\u0301", "1\ufe0f\u20e3", "%", "-", "\u2066", "\u2067", "\u2069"],
)
TEXTS = st.one_of(st.text(), st.lists(PIECES | HARD_PIECES).map("".join))


def shown(text: str) -> str:
    """The marks as something a reader of a failure can see."""
    return isolate(text).replace(LEFT_TO_RIGHT, "⟨").replace(POP, "⟩")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("سفارش TS-104233 رسید.", "سفارش ⟨TS-104233⟩ رسید."),
        ("ساعت 14:00-16:00 می‌آید", "ساعت ⟨14:00-16:00⟩ می‌آید"),
        ("ساعت ۱۴:۰۰-۱۶:۰۰ می‌آید", "ساعت ⟨۱۴:۰۰-۱۶:۰۰⟩ می‌آید"),
        ("ساعت 14:00 - 16:00 می‌آید", "ساعت ⟨14:00 - 16:00⟩ می‌آید"),
        ("ساعت 14:00 – 16:00 می‌آید", "ساعت ⟨14:00 – 16:00⟩ می‌آید"),
        ("شمارهٔ +98 912 345 6789 است", "شمارهٔ ⟨+98 912 345 6789⟩ است"),
        ("شمارهٔ +98 (912) 345-6789 است", "شمارهٔ ⟨+98 (912) 345-6789⟩ است"),
        ("شمارهٔ 0912 345 6789 است", "شمارهٔ ⟨0912 345 6789⟩ است"),
        ("شمارهٔ 0912***67 است", "شمارهٔ ⟨0912***67⟩ است"),
        ("کارت 6037 9911 2233 4455", "کارت ⟨6037 9911 2233 4455⟩"),
        ("مبلغ ۱٬۲۵۰٬۰۰۰ تومان", "مبلغ ⟨۱٬۲۵۰٬۰۰۰⟩ تومان"),
        ("دما -5 درجه", "دما ⟨-5⟩ درجه"),
        ("کالای iPhone 15 Pro Max رسید", "کالای ⟨iPhone 15 Pro Max⟩ رسید"),
        ("کالای iPhone (15 Pro) رسید", "کالای ⟨iPhone (15 Pro)⟩ رسید"),
        ("پست (Iran Post) برد", "پست (⟨Iran Post⟩) برد"),
        ("مدل A21، رنگ Black", "مدل ⟨A21⟩، رنگ ⟨Black⟩"),
        ("پیوند: https://tracking.post.ir/?id=TRK-88&x=1.", "پیوند: ⟨https://tracking.post.ir/?id=TRK-88&x=1⟩."),
        ("پیوند https://a.ir/ را ببینید", "پیوند ⟨https://a.ir/⟩ را ببینید"),
        ("پیوند https://a.ir/سلام/x را ببینید", "پیوند ⟨https://a.ir/سلام/x⟩ را ببینید"),
        ("به a.b+c@shop.ir بنویسید", "به ⟨a.b+c@shop.ir⟩ بنویسید"),
        ("دستور /help را بزنید", "دستور ⟨/help⟩ را بزنید"),
        ("کتاب C++ و 90% تخفیف", "کتاب ⟨C++⟩ و ⟨90%⟩ تخفیف"),
        ("سفارش‌های 104233 104234", "سفارش‌های ⟨104233⟩ ⟨104234⟩"),
        ("سفارش TS-1\nTS-2 رسید", "سفارش ⟨TS-1⟩\n⟨TS-2⟩ رسید"),
        ("iPhoneها رسید", "⟨iPhone⟩ها رسید"),
        ("امتیاز 5\ufe0f\u20e3 است", "امتیاز ⟨5\ufe0f\u20e3⟩ است"),
        ("نام Rene\u0301 است", "نام ⟨Rene\u0301⟩ است"),
        ("سلام! بفرمایید (لطفاً).", "سلام! بفرمایید (لطفاً)."),
    ],
)
def test_runs(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text", ["", "Order TS-104233 is on its way, 14:00-16:00.", "۱۴:۰۰-۱۶:۰۰", "👍", "\u2066TS-1\u2069"]
)
def test_text_without_persian_letters_stays_as_it_is(text: str) -> None:
    assert isolate(text) == text


@pytest.mark.parametrize(
    "text", ["سفارش \u2066TS-1\u2069 رسید", "سفارش \u2068TS-1\u2069 رسید", "سفارش TS-1\u2069 رسید"]
)
def test_marks_that_were_there_are_made_anew(text: str) -> None:
    assert shown(text) == "سفارش ⟨TS-1⟩ رسید"


@given(TEXTS)
def test_taking_the_marks_off_gives_the_text_back(text: str) -> None:
    assert without_isolation(isolate(text)) == without_isolation(text)


@given(TEXTS)
def test_twice_is_once(text: str) -> None:
    assert isolate(isolate(text)) == isolate(text)


@given(TEXTS)
def test_marks_come_in_pairs_within_a_line(text: str) -> None:
    if not has_persian(text):
        return
    for line in isolate(text).split("\n"):
        opened = 0
        for character in line:
            opened += (character == LEFT_TO_RIGHT) - (character == POP)
            assert opened in (0, 1)
        assert opened == 0


@given(TEXTS.map(without_isolation))
def test_every_latin_letter_and_digit_is_in_a_run(text: str) -> None:
    inside = {index for start, stop in left_to_right_runs(text) for index in range(start, stop)}
    outside = [c for index, c in enumerate(text) if index not in inside]
    assert not [c for c in outside if (c.isascii() and c.isalnum()) or c in "۰۱۲۳۴۵۶۷۸۹"]
