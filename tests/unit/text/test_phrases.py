"""Set phrases."""

from __future__ import annotations

import pytest

from peyk.text.phrases import asks_resend, asks_something


@pytest.mark.parametrize(
    "text",
    [
        "کد نیومد",
        "کد برام نیومده هنوز",
        "پیامک نرسید",
        "دوباره بفرست",
        "یه بار دیگه کد بفرستید",
        "کد جدید می‌خوام",
        "نیومد",
        "kod nayomad dobare befrest",
        "code did not come",
        "I didn't get the code",
        "haven't received any sms",
        "send it again",
        "resend",
        "new code please",
    ],
)
def test_the_code_did_not_come(text: str) -> None:
    assert asks_resend(text)


@pytest.mark.parametrize(
    "text", ["123456", "کد 123456 بود", "سفارشم نیومد", "my order did not come", "سلام", "is my code 123456", ""]
)
def test_other_things_are_no_wish_for_a_code(text: str) -> None:
    assert not asks_resend(text)


@pytest.mark.parametrize(
    "text", ["سفارش TS-104233 کجاست؟", "where is TS-104233", "TS-104233 ki mirese", "وضعیت TS-104233", "TS-104233?"]
)
def test_a_question_beside_a_number(text: str) -> None:
    assert asks_something(text)


@pytest.mark.parametrize(
    "text", ["TS-104233", "شماره‌اش ۱۰۴۲۳۳ است", "it is TS-104233", "همون 104233", "sefareshe 104233"]
)
def test_a_number_that_only_answers(text: str) -> None:
    assert not asks_something(text)
