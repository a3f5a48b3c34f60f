"""Every story of the demo shop, told at level 1 and at level 2, in Persian and in English."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.conversations.conftest import Customer


@dataclass(frozen=True)
class Story:
    """What the customer must be told: the stage to anybody, the rest to the one who proves the mobile."""

    order: str
    mobile: str
    status: str
    stage: tuple[str, str]
    details_fa: tuple[str, ...]
    details_en: tuple[str, ...]
    secrets: tuple[str, ...] = ()


STORIES = [
    Story(
        "TS-104233", "09121234567", "in_transit", ("در راه", "on its way"),
        ("TRK-88392011", "تحویل به مرکز مبادلات", "۲ تا ۴ روز کاری", "https://tracking.post.ir/?id=TRK-88392011"),
        ("TRK-88392011", "Iran Post", "in 2 to 4 working days", "https://tracking.post.ir/?id=TRK-88392011"),
        ("TRK-88392011",),
    ),
    Story(
        "TS-104234", "09121234567", "preparing", ("آماده‌سازی", "being prepared"),
        ("فردا", "تعداد زیاد سفارش‌ها"), ("tomorrow", "a large number of orders"),
    ),
    Story(
        "TS-104201", "09121234567", "delivered", ("تحویل داده شده", "delivered"),
        ("پذیرش", "۱ تا ۵"), ("reception", "from 1 to 5"),
    ),
    Story(
        "TS-104180", "09351112233", "late", ("دیرتر", "later than promised"),
        ("تیپاکس", "۵ روز", "عذر می‌خواهیم"), ("Tipax", "5 days late", "sorry"),
    ),
    Story(
        "TS-104160", "09121110000", "late", ("دیرتر", "later than promised"),
        ("تیپاکس", "۳ روز"), ("Tipax", "3 days late"),
    ),
    Story(
        "TS-104175", "09361112244", "returned", ("برگشت", "returned to the sender"),
        ("گیرنده در نشانی حضور نداشته", "۳ بار"), ("nobody was at the address", "3 times"),
    ),
    Story(
        "TS-104170", "09371112255", "address_incomplete", ("نشانی آن کامل نیست", "address is incomplete"),
        ("پلاک یا کد پستی", "همکارانم"), ("plate number or postal code", "our people"),
    ),
    Story(
        "TS-104165", "09381112266", "delivered", ("تحویل داده شده", "delivered"),
        ("تحویل داده شده",), ("was delivered on",),
    ),
    Story(
        "TS-104163", "09381112277", "lost", ("گم شده", "presumed lost"),
        ("۱۲ روز", "متأسفیم"), ("12 days ago", "sorry"),
    ),
    Story(
        "TS-104190", "09101112299", "stalled", ("خبر تازه‌ای", "no update"),
        ("چاپار", "۸۰ ساعت", "هر یک تا دو روز کاری"), ("Chapar", "80 hours", "every one or two working days"),
    ),
    Story(
        "TS-104240", "09391112277", "payment_failed", ("ناموفق", "failed"),
        ("شمارهٔ پیگیری بانک", "دوباره پرداخت"), ("Bank reference", "pay again"),
    ),
    Story(
        "TS-104241", "09121112288", "registered", ("ثبت و پرداخت شده", "registered and paid"),
        ("ثبت و پرداخت شد", "آمادهٔ ارسال"), ("registered and paid", "ready to ship"),
    ),
    Story(
        "TS-104242", "09391112288", "payment_unverified", ("هنوز در فروشگاه تأیید نشده", "not been confirmed"),
        ("دوباره پرداخت نکنید",), ("do not pay again",),
    ),
    Story(
        "TS-104210", "09331112211", "out_for_delivery", ("امروز", "out for delivery today"),
        ("پیک شهری", "امروز"), ("the city courier", "today"),
    ),
    Story(
        "TS-104220", "09331112222", "ready_for_pickup", ("نمایندگی", "pick it up"),
        ("۴ روز", "کارت شناسایی"), ("4 days", "identity card"),
    ),
    Story(
        "TS-104150", "+447700900123", "customs", ("گمرک", "customs"),
        ("1234567890", "ترخیص"), ("1234567890", "customs clearance"), ("1234567890",),
    ),
    Story(
        "TS-104155", "09121112299", "refund_pending", ("لغو", "cancelled"),
        ("بازگشت", "تومان"), ("refund of", "toman"),
    ),
    Story(
        "TS-104250", "09121113300", "split", ("چند بسته", "several parcels"),
        ("تحویل‌شده", "در راه"), ("delivered", "in transit"),
    ),
]  # fmt: skip
QUESTIONS = {"fa": "سفارش {order} کجاست؟", "en": "Where is my order {order}?"}


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.order)
def test_story(customer: Customer, story: Story, language: str) -> None:
    stage = customer.say(QUESTIONS[language].format(order=story.order))
    assert story.stage[language == "en"] in stage.text
    assert stage.custom["order"]["status"] == story.status
    assert set(stage.custom["order"]) == {"orderId", "status", "statusFa"}
    assert stage.custom["security"] == {"verified": False, "method": None, "level": 1}
    for private in (story.mobile, story.mobile[1:], *story.secrets):
        assert private not in str(stage.messages)

    asked = customer.press("verify")
    assert story.order in asked.text
    details = customer.verify(story.mobile)
    for wanted in story.details_en if language == "en" else story.details_fa:
        assert wanted in details.text
    assert details.custom["order"]["status"] == story.status
    assert details.custom["security"] == {"verified": True, "method": "otp", "level": 2}
    assert details.custom["order"]["items"]
    assert details.custom["nextActions"]


@pytest.mark.parametrize(
    ("question", "words"), [("سفارش TS-999999 کجاست؟", "پیدا نکردم"), ("where is TS-999999?", "I found no order")]
)
def test_an_order_that_does_not_exist(customer: Customer, question: str, words: str) -> None:
    answer = customer.say(question)
    assert words in answer.text
    assert "order" not in answer.custom


def test_a_mobile_with_no_orders(customer: Customer) -> None:
    customer.say("شماره من 09120000000 است، سفارش‌هام رو نشون بده")
    answer = customer.say(customer.code("09120000000"))
    assert "سفارشی ثبت نشده" in answer.text
