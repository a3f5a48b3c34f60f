"""What the fake chat server answers: enough of a shop to try every part of the widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Said = dict[str, Any]
Script = Callable[[str, str], Sequence[Said]]

ORDER = "TS-104233"


def button(title: str, name: str) -> dict[str, str]:
    """Return a button with a token that says what it does."""
    return {"title": title, "payload": f"b:{name:x<16}"}


def order(status: str = "in_transit", name: str = "در راه") -> dict[str, Any]:
    """Return an order as a verified customer sees it."""
    now = datetime.now(UTC)
    return {
        "orderId": ORDER,
        "status": status,
        "statusFa": name,
        "createdAt": (now - timedelta(days=3)).isoformat(),
        "eta": (now + timedelta(days=1)).replace(hour=14, minute=30).isoformat(),
        "items": [
            {"sku": "HP-210", "title": "هدفون بی‌سیم آوا مدل A21", "quantity": 1, "price": "۲٬۸۹۰٬۰۰۰ تومان"},
            {"sku": "CB-03", "title": "کابل USB-C دو متری", "quantity": 2, "price": "۱۸۰٬۰۰۰ تومان"},
        ],
        "tracking": {
            "carrier": "post",
            "code": "TRK-88392011",
            "url": "https://tracking.post.ir/?id=TRK-88392011",
            "lastEvent": "تحویل به مرکز مبادلات",
            "asOf": (now - timedelta(hours=2)).isoformat(),
            "events": [
                {"at": (now - timedelta(days=1)).isoformat(), "text": "پذیرش مرسوله", "place": "تهران"},
                {"at": (now - timedelta(hours=2)).isoformat(), "text": "تحویل به مرکز مبادلات", "place": "اصفهان"},
            ],
        },
    }


def shop(said: str, language: str) -> Sequence[Said]:
    """Answer as a shop would, in the language of the page; `said` is a text, or a button's title."""
    return _persian(said) if language == "fa" else _english(said)


def _persian(said: str) -> Sequence[Said]:
    if "جزئیات" in said:
        return [_asks("لطفاً شمارهٔ همراهتان را بفرستید.", "mobile")]
    if said.startswith("09"):
        return [
            _asks("یک کد شش‌رقمی به \u2066+98 912 *** 6789\u2069 پیامک شد.", "otp", [button("دوباره بفرست", "resend")])
        ]
    if said.isdigit() and len(said) == 6:
        return [{"text": f"ممنون، شماره‌تان تأیید شد. سفارش \u2066{ORDER}\u2069 در راه است.", **_card("fa")}]
    if "امتیاز" in said:
        return [{"text": "از ۱ تا ۵ چه امتیازی می‌دهید؟", "buttons": _stars("ستاره")}]
    if "ستاره" in said:
        return [{"text": "ممنون! امتیازتان ثبت شد."}]
    if "سفارش" in said:
        stage = {"orderId": ORDER, "status": "in_transit", "statusFa": "در راه"}
        buttons = [button("دیدن جزئیات با تأیید موبایل", "verify"), button("گفت‌وگو با پشتیبان", "talk")]
        text = f"سفارش \u2066{ORDER}\u2069 ارسال شده و فردا بین \u206614:00-16:00\u2069 به دستتان می‌رسد."
        return [{"text": text, "buttons": buttons, "custom": {"order": stage, "nextActions": []}}]
    return [{"text": f"نوشتید: {said}"}]


def _english(said: str) -> Sequence[Said]:
    if "rate" in said:
        return [{"text": "How would you rate this order, from 1 to 5?", "buttons": _stars("stars")}]
    if "stars" in said:
        return [{"text": "Thank you! Your rating is saved."}]
    if "code" in said:
        return [_asks("A six-digit code has been sent.", "otp", [button("Send it again", "resend")])]
    if "order" in said:
        return [{"text": f"Order {ORDER} is on its way and comes tomorrow between 14:00-16:00.", **_card("en")}]
    return [{"text": f"You wrote: {said}", "buttons": [button("Where is my order?", "order")]}]


def _asks(text: str, what: str, buttons: Sequence[dict[str, str]] = ()) -> Said:
    return {"text": text, "custom": {"input": what}, **({"buttons": list(buttons)} if buttons else {})}


def _stars(word: str) -> list[dict[str, str]]:
    digits = "۱۲۳۴۵" if word == "ستاره" else "12345"
    return [button(f"{digit} {word}", f"rate{place}") for place, digit in enumerate(digits, start=1)]


def _card(language: str) -> Said:
    titles = ("بررسی دوباره", "گفت‌وگو با پشتیبان") if language == "fa" else ("Check again", "Talk to a person")
    buttons = [button(title, name) for title, name in zip(titles, ("again", "talk"), strict=True)]
    shown = order()
    if language == "en":
        shown["items"] = [
            {"sku": "HP-210", "title": "Ava A21 wireless headphones", "quantity": 1, "price": "289,000 toman"}
        ]
        for event, words in zip(shown["tracking"]["events"], ("Accepted", "Arrived at the hub"), strict=True):
            event.update(text=words, place="Tehran")
    actions = [{"id": each["payload"][2:], **each} for each in buttons]
    return {"buttons": buttons, "custom": {"order": shown, "nextActions": actions}}
