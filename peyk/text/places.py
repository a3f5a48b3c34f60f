"""The gazetteer: cities a shop ships to, by the names people type.

Data: `data/cities.csv`, the 31 provincial capitals and larger cities of Iran, and cities abroad; each with
its English and Persian name and aliases (other spellings, Finglish, common misspellings).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from peyk.text.digits import to_ascii_digits
from peyk.text.normalise import normalise, normalise_with_offsets
from peyk.text.place_words import ORDINARY_WORDS, is_ordinary
from peyk.text.word_sets import word_set

_CITIES = Path(__file__).parent / "data" / "cities.csv"

# Names that are also ordinary words ("کلن" is slang for «کلاً»): cities only after a preposition.
AMBIGUOUS_NAMES = word_set(
    "رم بم وین لیون پرت برن کلن لار میانه سراب محلات خوی پرند شوش بندر تربت اهر فردوس سنه پکن مشد نکا فسا",
    "داراب امل شیروان پردیس پاوه lar bam rey shush nyc lyon lion riaz riyaz sofia",
    "sidney ahar neka fasa dobi dorud mexico turin hague rome roma baam pardis parand khoi khoy",
    "ferdos ferdows darab کابل تالش گنبد شهریار شاهی نور sari saari sary abade dorood doroud dorud دورود kabl shahi "
    "nur noor bane baane",
    "ایوان تفت ازنا فلاورجان ملکان کلات mersin zarand linz bonn basel surat kazan bergen cork essen bremen کورک هوبارت "
    "victoria perth",
    "quebec phoenix denver austin hamilton adelaide darwin richmond orlando van وان صحنه شفت تکاب sahneh shaft taft "
    "azna mehran",
    "مهران خواف نقده naqadeh naghade اندیشه andisheh مبارکه mobarake mobarakeh sharje رضوانشهر آستانه astaneh پیشوا",
    "pishva الوند سهند نیر کوار kavar جوین رویان royan کلاله kalaleh درچه زهک آوج avaj کنگان هرمزان دیلم santiago "
    "florence lund turku",
    "lille kassel کاسل delft bali hull وارنا رزن ورد tampa malaga porto پورتو lodz لودز graz accra havana aachen آخن "
    "اخن اسکو osku khaf",
    "khash badrood kalat gerash jolfa",
    "شارلوت manila اهرم ahram ماسال masal لوشان germi parsian قدس semirom's فشم گلوگاه",
)
PREPOSITIONS = word_set(
    "به برای تا در از شهر توی تو شهرستان واسه سمت داخل ساکن مال to in for from at near into be baraye ta",
    "az dar shahr shahre vase vaseye tu too tooye tuye toye saken male نزدیک near around via inside outside nazdike "
    "نزدیکی اهل",
    "مقصد رسیده میارین میفرستین of na ya",
)
# What Persian and Finglish hang on a name: اصفهانم، تهرانه، شیرازیم، tehranam.
_SUFFIXES = (
    "هستیم",
    "هستم",
    "هست",
    "مونه",
    "ایم",
    "یها",
    "یم",
    "یه",
    "ام",
    "اس",
    "ست",
    "مون",
    "رو",
    "هم",
    "ها",
    "م",
    "ه",
    "ی",
    "ت",
    "ش",
    "و",
    "ا",
    "س",
    "ast",
    "am",
    "im",
    "eh",
    "as",
    "ro",
    "ham",
    "i",
    "e",
    "o",
    "s",
)
_PREFIXES = ("برای", "به", "ب", "در", "از", "تا", "شهر")
_MIN_STEM = 3
_MIN_PREFIXED = 4
_MIN_PART = 2
_MIN_FUZZY = 6
_MIN_FUZZY_PERSIAN = 6
# Without a preposition only longer names are forgiven a slip, and a changed letter only in the longest.
_MIN_FUZZY_ANYWHERE = 7
_MIN_CHANGED = 8
_MIN_KEY = 5
# Letters Persian pronounces alike: تحران, اصفحان.
_ALIKE = str.maketrans("طثصحذضظغ", "تسسهزززق")

# Finglish spells one sound in many ways: chaloos, xorramabad, qazwin.
_SOUNDS = (
    ("kh", "x"),
    ("gh", "q"),
    ("ck", "k"),
    ("oo", "u"),
    ("ou", "u"),
    ("ee", "i"),
    ("aa", "a"),
    ("w", "v"),
    ("ph", "f"),
    ("ey", "ei"),
    ("iy", "i"),
    ("zh", "j"),
)
# A city's name, and by itself a "yes" or a "good-bye".
_NEVER_ALONE = word_set("bali badrood")
# One letter or an ending from a city, and a province, a person or a thing.
_NO_SLIPS = word_set(
    "mahsoole mahsool mahsul mahsule masule lorestan golestan ostan ایتالیا لرستان گلستان samsung samsong maryam "
    "kerala settle share sharj sharjer sharhe samane samaneh",
    "doshanbe dooshanbe khorooj khoruj mobarak masoul masoule masoulesh masool dayere ریاضی رضایی آروم برخورد دوربین "
    "سامانه tahesh",
    "غم رشته مهراباد aghalan rabate ghaza ghore saman miarand pecking",
    "mashad'i ardabili karami karimi bandari marand'i british berlina romania armenia albania اسلامی مشهدی کرمانی "
    "خرمایی کاشانی",
)
_DOUBLED = re.compile(r"([a-z])\1")
# «خوی هستم» says where somebody lives.
_LIVING = word_set("هستم هستیم زندگی میشینم ساکنم hastam hastim zendegi am im ام")
_SELF = word_set("من ما man ma")
# «کیش و مات», «میانه راه», "Paris Hilton": the word after makes it no place.
_NOT_BEFORE = {
    "کیش": word_set("مات"),
    "kish": word_set("mat maat"),
    "میانه": word_set("راه"),
    "paris": word_set("hilton"),
}
_STEM_ONLY = ("ی", "i")

_WORD = re.compile(r"[^\W\d_]+(?:[-'’\u200c][^\W\d_]+)*")
_CITY = "شهر "
_PART_OF_LINE = re.compile(r"[^\w\s]")
_WHERE_TO = word_set(
    "به برای تا شهر توی شهرستان to in shahr shahre be baraye ta vase",
)
_SKIPPED = word_set(
    "شهر شهرستان استان روستا روستای جزیره بخش the city town of shahr shahre shahrestan ostan ostane",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A city; `country` is the ISO 3166 code, `aliases` further spellings."""

    name_en: str
    name_fa: str
    country: str
    aliases: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by."""
        return (self.name_en, self.name_fa, *self.aliases)


@cache
def load_places() -> tuple[Place, ...]:
    """Return the gazetteer in the order of its file."""
    with _CITIES.open(encoding="utf-8", newline="") as file:
        return tuple(
            Place(row["name_en"], row["name_fa"], row["country"], tuple(filter(None, row["aliases"].split("|"))))
            for row in csv.DictReader(file)
        )


def city_name(name_en: str, language: str) -> str:
    """Return a gazetteer city's name in `language`; a name not in the gazetteer comes back as it is."""
    place = _by_english_name().get(name_en)
    return place.name_fa if place and language == "fa" else name_en


def find_city(name: str) -> str | None:
    """Return the English name of the city that goes by `name` in any spelling of the gazetteer, or None."""
    wanted = "".join(name_words(name))
    for place in load_places():
        if any("".join(name_words(each)) == wanted for each in place.names):
            return place.name_en
    return None


def find_named_city(words: str) -> str | None:
    """Return the English name of the city a line about a place names whole, «شهر اصفهان، ناحیهٔ ۲» too, or None.

    What else stands in such a line (a street, a person) is never taken for a city.
    """
    for part in _PART_OF_LINE.split(normalise(words)):
        city = find_city(part.strip().removeprefix(_CITY))
        if city is not None:
            return city
    return None


@cache
def place_words() -> dict[str, str]:
    """Return the normalised one-word names and the English name each stands for; the first of the file wins."""
    names: dict[str, str] = {}
    for place in load_places():
        for name in place.names:
            for spelling in spellings(name):
                words = name_words(spelling)
                if len(words) == 1:
                    names.setdefault(words[0], place.name_en)
    return names


def spellings(name: str) -> tuple[str, ...]:
    """Return a name as it is, then with its parts joined and apart: «خرم‌آباد», «خرم آباد», "bandarabbas"."""
    parts = re.split(r"[\s\u200c-]+", name)
    if len(parts) == 1 or any(len(part) < _MIN_PART for part in parts):
        return (name,)
    return (name, "".join(parts), " ".join(parts))


def is_place_here(words: Sequence[str], typed: Sequence[str], start: int) -> bool:
    """Tell a place from an ordinary word or a person's name of the same letters.

    `words` are the names found, `typed` all normalised words of the message, `start` where `words` stand in it.
    """
    end = start + len(words)
    before, after = typed[start - 1] if start else "", typed[end] if end < len(typed) else ""
    if len(words) > 1:
        return True
    if not _NOT_BEFORE.get(words[0], frozenset()).isdisjoint(typed[end : end + 2]):
        return False
    if len(typed) > 1 and typed[start].endswith(_STEM_ONLY) and typed[start] not in place_words():
        # «شیرازی» is a name, a dish or an accent before it is where somebody lives.
        return before in _SELF or after in _LIVING
    if words[0] in AMBIGUOUS_NAMES:
        alone = len(typed) == 1 and typed[0] not in _NEVER_ALONE
        return alone or before in PREPOSITIONS or after in _LIVING
    return True


def name_words(name: str) -> list[str]:
    """Return the words of a place name as the tokenizer cuts them."""
    return re.findall(r"\w+", normalise(name))


@lru_cache(maxsize=32768)
def base_name(word: str, *, after_preposition: bool = False) -> str | None:
    """Return the one-word place name that a normalised word is a form or misspelling of, or None.

    Endings and attached prepositions are taken off, letters that sound alike are made equal; one slip of
    the finger is forgiven in a long name, after a preposition also in a shorter one.
    """
    names = place_words()
    if word in _NO_SLIPS:
        return word if word in names else None
    for candidate in _without_affixes(word):
        if candidate in names:
            return candidate
        alike = _alike_names().get(candidate.translate(_ALIKE))
        if alike:
            return alike
    if is_ordinary(word):
        return None
    if word.isascii() and len(word) >= _MIN_KEY:
        sounding = next((n for c in _without_affixes(word) if (n := _sound_index().get(_sound(c)))), None)
        if sounding:
            return sounding
    return _nearly(word, after_preposition=after_preposition)


def mentions_unknown_place(text: str) -> str | None:
    """Return the word, as typed, that stands where a destination would but is in no gazetteer, or None."""
    normal = normalise_with_offsets(to_ascii_digits(text))
    matches = list(_WORD.finditer(normal.text))
    for index, match in enumerate(matches[:-1]):
        if match.group() not in _WHERE_TO:
            continue
        rest = matches[index + 1 : index + 4]
        while len(rest) > 1 and rest[0].group() in _SKIPPED:
            rest = rest[1:]
        if rest and _is_unknown(rest):
            start, end = normal.original_span(*rest[0].span())
            return text[start:end]
    return None


def _is_unknown(words: list[re.Match[str]]) -> bool:
    first = words[0].group()
    if len(first) < _MIN_STEM or is_ordinary(first) or first in _WHERE_TO or first in _SKIPPED:
        return False
    joined = (" ".join(w.group() for w in words[:n]) for n in (2, 3))
    return base_name(first, after_preposition=True) is None and not any(name in _long_names() for name in joined)


def without_ending(word: str) -> list[str]:
    """Return what is left of a normalised word without each ending it may have: «کاووسم» is «کاووس»."""
    return [word[: -len(s)] for s in _SUFFIXES if word.endswith(s) and len(word) - len(s) >= _MIN_STEM]


def _without_affixes(word: str) -> list[str]:
    """Return `word`, then what is left of it without a preposition in front or an ending."""
    stems = [word]
    stems += [word[len(p) :] for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= _MIN_PREFIXED]
    if word not in ORDINARY_WORDS:
        stems += [short for stem in list(stems) for short in without_ending(stem) if short not in AMBIGUOUS_NAMES]
    return stems


def _nearly(word: str, *, after_preposition: bool) -> str | None:
    """Return the long name one letter away: left out, added, two swapped, or changed in the longest names."""
    shortest = _MIN_FUZZY - 1 if word.isascii() else _MIN_FUZZY_PERSIAN
    if len(word) < (shortest if after_preposition else _MIN_FUZZY_ANYWHERE):
        return None
    found = {name for shape in _shapes(word) for name in _shape_index().get(shape, ())}
    return min((name for name in found if name[0] == word[0] and _is_slip(word, name)), default=None)


def _is_slip(word: str, name: str) -> bool:
    if len(word) != len(name):
        return True
    differing = [index for index, (typed, meant) in enumerate(zip(word, name, strict=True)) if typed != meant]
    first, last = differing[0], differing[-1]
    swapped = last == first + 1 and word[first] == name[last] and word[last] == name[first]
    return swapped or (len(differing) == 1 and len(name) >= _MIN_CHANGED)


def _sound(word: str) -> str:
    for spelt, sound in _SOUNDS:
        word = word.replace(spelt, sound)
    return _DOUBLED.sub(r"\1", word)


@cache
def _sound_index() -> dict[str, str]:
    return {_sound(name): name for name in reversed(place_words()) if name.isascii() and len(name) >= _MIN_KEY}


def _shapes(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


@cache
def _shape_index() -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for name in place_words():
        if len(name) >= _MIN_FUZZY:
            for shape in _shapes(name):
                index.setdefault(shape, []).append(name)
    return {shape: tuple(names) for shape, names in index.items()}


@cache
def _alike_names() -> dict[str, str]:
    return {name.translate(_ALIKE): name for name in place_words() if not name.isascii()}


@cache
def _long_names() -> frozenset[str]:
    return frozenset(
        " ".join(name_words(spelling))
        for place in load_places()
        for name in place.names
        for spelling in spellings(name)
    )


@cache
def _by_english_name() -> dict[str, Place]:
    return {place.name_en: place for place in load_places()}
