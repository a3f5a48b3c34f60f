"""Carriers as customers call them, under the taxonomy's ids."""

from __future__ import annotations

from peyk.text.normalise import normalise

CARRIER_NAMES: dict[str, tuple[str, ...]] = {
    "post": (
        "پست",
        "پست پیشتاز",
        "پیشتاز",
        "پست سفارشی",
        "پست معمولی",
        "پست ویژه",
        "شرکت پست",
        "پست ایران",
        "اداره پست",
        "ادارهٔ پست",
        "پستچی",
        "پست جمهوری اسلامی",
        "پستخانه",
        "iran post",
        "iranpost",
        "post",
        "pishtaz",
        "poste pishtaz",
        "post pishtaz",
        "postchi",
        "edare post",
        "edareye post",
        "national post",
        "post office",
        "postal service",
        "express post",
    ),
    "tipax": (
        "تیپاکس",
        "تیپاکست",
        "تی پاکس",
        "طیپاکس",
        "تیپکس",
        "تپاکس",
        "tipax",
        "tipaks",
        "teepax",
        "tipox",
        "tipacs",
        "typax",
    ),
    "chapar": ("چاپار", "چاپار اکسپرس", "چپار", "chapar", "chapaar", "chapar express"),
    "mahex": ("ماهکس", "ماه اکس", "ماهکث", "مهکس", "mahex", "mahx", "maahex", "mahexpress"),
    "dhl": ("دی اچ ال", "دی‌اچ‌ال", "دیاچال", "دی ایچ ال", "dhl", "d h l", "dhl express"),
    "fedex": ("فدکس", "فدِکس", "فد اکس", "فدرال اکسپرس", "fedex", "fed ex", "federal express", "fdx"),
    "courier": (
        "پیک",
        "پیک موتوری",
        "پیک شهری",
        "پیک فروشگاه",
        "پیک درون شهری",
        "پیک ویژه",
        "courier",
        "city courier",
        "local courier",
        "motor courier",
        "bike courier",
        "peyk",
        "peik",
        "peyke motori",
        "peyk motori",
        "peik motori",
        "motori",
    ),
    "snapp": (
        "اسنپ",
        "اسنپ باکس",
        "اسنپ‌باکس",
        "اسنپباکس",
        "snapp",
        "snap",
        "snappbox",
        "snapp box",
        "snap box",
        "esnap",
        "esnapp",
    ),
    "freight": (
        "باربری",
        "باربری ترمینال",
        "ترمینال",
        "تیپاکس باربری",
        "وانت بار",
        "باربریه",
        "freight",
        "cargo",
        "barbari",
        "barbary",
        "terminal",
        "freight forwarder",
    ),
}

# Words that are nothing but a carrier's name; "post" and "city" are English words of their own.
CARRIER_WORDS: frozenset[str] = frozenset(
    word
    for names in CARRIER_NAMES.values()
    for name in names
    for word in normalise(name).split()
    if word
    not in {
        "city",
        "local",
        "bike",
        "motor",
        "office",
        "postal",
        "service",
        "national",
        "شرکت",
        "ایران",
        "اداره",
        "جمهوری",
        "اسلامی",
        "معمولی",
        "ویژه",
        "سفارشی",
        "فروشگاه",
        "شهری",
        "درون",
        "اچ",
        "ال",
        "دی",
        "ماه",
        "تی",
        "بار",
        "d",
        "h",
        "l",
        "ex",
        "iran",
        "forwarder",
        "موتوری",
    }
)

# What is hung on a carrier's name: «تیپاکسه», «پستتون». Not ی: «پستی» is said of postal codes.
_SUFFIXES = (
    "هستش",
    "تون",
    "مون",
    "شون",
    "ست",
    "ها",
    "ام",
    "ه",
    "م",
    "ش",
    "ت",
    "و",
    "رو",
    "etoon",
    "etun",
    "e",
    "am",
    "o",
    "ro",
    "s",
)


def carrier_word(word: str) -> str | None:
    """Return the one-word carrier name a normalised word is a form of, or None."""
    if word in CARRIER_WORDS:
        return word
    stems = (word[: -len(s)] for s in _SUFFIXES if word.endswith(s))
    return next((stem for stem in stems if stem in CARRIER_WORDS and len(stem) > 2), None)
