"""Small numbers in words: Persian, English and Finglish."""

from __future__ import annotations

from peyk.text.normalise import normalise

_WORDS: dict[int, str] = {
    1: "یک یه ی one a an yek ye",
    2: "دو two do couple",
    3: "سه three se",
    4: "چهار چار four chahar char",
    5: "پنج five panj",
    6: "شش شیش six shesh shish",
    7: "هفت seven haft",
    8: "هشت eight hasht",
    9: "نه nine noh",
    10: "ده ten dah",
    11: "یازده eleven yazdah",
    12: "دوازده twelve davazdah",
    13: "سیزده thirteen sizdah",
    14: "چهارده fourteen chahardah",
    15: "پانزده پونزده fifteen panzdah poonzdah ponzdah",
    16: "شانزده شونزده sixteen shanzdah shoonzdah",
    17: "هفده هیفده seventeen hefdah",
    18: "هجده هیجده eighteen hejdah",
    19: "نوزده nineteen noozdah",
    20: "بیست twenty bist",
    30: "سی thirty si",
    40: "چهل forty chehel",
    50: "پنجاه fifty panjah",
    60: "شصت sixty shast",
}
_ARTICLES = frozenset({"a", "an", "ی", "couple"})

NUMBER_WORDS: dict[str, int] = {normalise(word): value for value, words in _WORDS.items() for word in words.split()}
PLAIN_NUMBER_WORDS: dict[str, int] = {word: value for word, value in NUMBER_WORDS.items() if word not in _ARTICLES}


def number_of(word: str) -> int | None:
    """Return the value of a number typed in digits or as a word, or None."""
    word = normalise(word)
    return int(word) if word.isdigit() and word.isascii() else NUMBER_WORDS.get(word)
