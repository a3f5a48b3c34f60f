"""The gazetteer and what is not in it."""

from __future__ import annotations

import pytest

from peyk.text.places import base_name, city_name, load_places, mentions_unknown_place, place_words

CAPITALS = (
    "Tehran",
    "Karaj",
    "Tabriz",
    "Urmia",
    "Ardabil",
    "Isfahan",
    "Ilam",
    "Bushehr",
    "Shahrekord",
    "Birjand",
    "Mashhad",
    "Bojnurd",
    "Ahvaz",
    "Zanjan",
    "Semnan",
    "Zahedan",
    "Shiraz",
    "Qazvin",
    "Qom",
    "Sanandaj",
    "Kerman",
    "Kermanshah",
    "Yasuj",
    "Gorgan",
    "Rasht",
    "Khorramabad",
    "Sari",
    "Arak",
    "Hamadan",
    "Yazd",
)


def test_every_provincial_capital_is_there() -> None:
    names = {place.name_en for place in load_places() if place.country == "IR"}
    assert names >= {*CAPITALS, "Bandar Abbas"}
    assert len(CAPITALS) + 1 == 31
    assert len(names) >= 120


def test_names_are_unique_and_complete() -> None:
    places = load_places()
    assert len({place.name_en for place in places}) == len(places)
    assert all(place.name_fa and len(place.country) == 2 for place in places)
    assert sum(place.country != "IR" for place in places) >= 80


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("Isfahan", "fa", "اصفهان"),
        ("Isfahan", "en", "Isfahan"),
        ("New York", "fa", "نیویورک"),
        ("Atlantis", "fa", "Atlantis"),
    ],
)
def test_names_in_both_languages(name: str, language: str, expected: str) -> None:
    assert city_name(name, language) == expected


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("اصفهانم", "اصفهان"),
        ("تهرانه", "تهران"),
        ("شیرازیم", "شیراز"),
        ("تحران", "تحران"),
        ("اصفحانم", "اصفحان"),
        ("بهتهران", "تهران"),
        ("tehranam", "tehran"),
        ("shirazi", "shiraz"),
        ("سفارش", None),
        ("order", None),
    ],
)
def test_forms_of_a_name(word: str, name: str | None) -> None:
    assert base_name(word) == name


@pytest.mark.parametrize("word", ["isfahn", "kermnshah", "کرمانشااه", "londn"])
def test_a_slip_is_forgiven_only_after_a_preposition(word: str) -> None:
    assert base_name(word, after_preposition=True) is not None


ORDINARY = "دوربین آلمانی رضایی برخورد maryam share tahesh samane kerala settle lorestan mahsoole bastam doshanbe"
ORDINARY += " غم رشته مهراباد aghalan rabate ghaza ghore saman miarand pecking"


@pytest.mark.parametrize("word", ORDINARY.split())
def test_an_ordinary_word_is_no_misspelt_place(word: str) -> None:
    assert base_name(word, after_preposition=True) is None


@pytest.mark.parametrize(
    ("word", "name"),
    [("ghazwin", "Qazvin"), ("xorramabad", "Khorramabad"), ("dezfoul", "Dezful"), ("mashhadd", "Mashhad")],
)
def test_finglish_is_read_by_its_sound(word: str, name: str) -> None:
    assert place_words()[base_name(word) or ""] == name


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("به آتلانتیس ارسال دارید؟", "آتلانتیس"),
        ("به شهر آتلانتیس می‌فرستید", "آتلانتیس"),
        ("do you ship to Atlantis?", "Atlantis"),
        ("be Narnia ersal darid", "Narnia"),
        ("برای روستای کندوان می‌فرستید", "کندوان"),
        ("به تهران چند روزه می‌رسه", None),
        ("do you ship to New York", None),
        ("به اصفحان می‌فرستید", None),
        ("به دستم نرسیده", None),
        ("تا فردا می‌رسه؟", None),
        ("to my home", None),
        ("how long does it take to arrive", None),
        ("سلام", None),
        ("", None),
    ],
)
def test_a_place_nobody_knows_is_named(text: str, place: str | None) -> None:
    assert mentions_unknown_place(text) == place
