"""What else an unclear message may have meant stands below its answer, through a real Rasa and the edge."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import Customer

# Which of them is unclear may change with the examples; that none of them is would be a fault.
UNCLEAR = {
    "fa": ("ارسالتون چجوریه", "ارسال", "پول ارسال برگشت", "هزینه و روش"),
    "en": ("how do you deliver", "payment", "shipping info", "send it how"),
}
OFFER = {"fa": "اگر منظورتان چیز دیگری بود", "en": "If you meant something else"}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_it_is_offered_below_the_answer_and_answered_when_pressed(customer: Customer, language: str) -> None:
    for text in UNCLEAR[language]:
        answer = customer.say(text)
        last = answer.messages[-1]
        if OFFER[language] in last["text"]:
            assert len(answer.messages) > 1
            pressed = customer.press(last["buttons"][0]["title"])
            assert pressed.text
            assert OFFER[language] not in pressed.text
            return
    pytest.fail("no message was unclear")


@pytest.mark.parametrize("text", ["سفارش TS-104233 کجاست؟", "where is my order TS-104233?", "سلام", "hello"])
def test_a_clear_message_has_its_answer_only(customer: Customer, text: str) -> None:
    assert not any(offer in customer.say(text).text for offer in OFFER.values())
