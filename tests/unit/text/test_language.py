"""Persian, Finglish, English, or nothing clear."""

from __future__ import annotations

import pytest

from peyk.text.language import detect


@pytest.mark.parametrize(
    "text",
    [
        "سفارشم کجاست",
        "سلام",
        "order من کجاست",
        "salam",
        "sefaresham koja mond",
        "kei mirese daste man?",
        "poolam bargasht nashode hanooz",
        "mikham ba operator sohbat konam",
        "TS-104233 kojast",
        "chand roze mirese tehran",
        "kod nayomad dobare befrest",
        "status sefaresham chie",
        "are baba",
        "kheyli mamnoon",
    ],
)
def test_persian_in_either_script(text: str) -> None:
    assert detect(text) == "fa"


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "hello",
        "thanks",
        "Are you a bot?",
        "too late",
        "a man came to my door in Tehran",
        "I want to talk to a human",
        "order TS-104233 status",
        "parcel stuck in customs",
        "what does سلام mean in English please",
        "do you ship to Shiraz",
        "it's been 3 weeks",
    ],
)
def test_english(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "TS-104233",
        "۱۰۴۲۳۳",
        "09121234567",
        "👍",
        "ok",
        "no",
        "Tehran",
        "تهران",
        "tipax",
        "DHL",
        "تیپاکس",
        "a@b.co",
        "...",
        "RR123456785IR",
    ],
)
def test_nothing_clear(text: str) -> None:
    assert detect(text) is None
