"""The gazetteer: cities a shop ships to, by the names people type.

Data: `data/cities.csv`, the 31 provincial capitals and larger cities of Iran, and cities abroad; each with
its English and Persian name and aliases (other spellings, Finglish, common misspellings).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
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
    "ferdos ferdows darab",
)
PREPOSITIONS = word_set(
    "به برای تا در از شهر توی تو شهرستان واسه سمت داخل ساکن مال to in for from at near into be baraye ta",
    "az dar shahr shahre vase tu tooye toye saken male",
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
_MIN_FUZZY = 6
# Letters Persian pronounces alike: تحران, اصفحان.
_ALIKE = str.maketrans("طثصحذضظغ", "تسسهزززق")

_WORD = re.compile(r"[^\W\d_]+(?:[-'’\u200c][^\W\d_]+)*")
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


@cache
def place_words() -> dict[str, str]:
    """Return the normalised one-word names and the English name each stands for; the first of the file wins."""
    names: dict[str, str] = {}
    for place in load_places():
        for name in place.names:
            words = name_words(name)
            if len(words) == 1:
                names.setdefault(words[0], place.name_en)
    return names


def name_words(name: str) -> list[str]:
    """Return the words of a place name as the tokenizer cuts them."""
    return re.findall(r"\w+", normalise(name))


def base_name(word: str, *, after_preposition: bool = False) -> str | None:
    """Return the one-word place name that a normalised word is a form or misspelling of, or None.

    Endings and attached prepositions are taken off, letters that sound alike are made equal; after a
    preposition one slip of the finger in a long name is forgiven too.
    """
    names = place_words()
    for candidate in _without_affixes(word):
        if candidate in names:
            return candidate
        alike = _alike_names().get(candidate.translate(_ALIKE))
        if alike:
            return alike
    if after_preposition and not is_ordinary(word):
        return _nearly(word)
    return None


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


def _without_affixes(word: str) -> list[str]:
    """Return `word`, then what is left of it without a preposition in front or an ending."""
    stems = [word]
    stems += [word[len(p) :] for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= _MIN_PREFIXED]
    if word not in ORDINARY_WORDS:
        endings = [
            stem[: -len(s)]
            for stem in list(stems)
            for s in _SUFFIXES
            if stem.endswith(s) and len(stem) - len(s) >= _MIN_STEM
        ]
        stems += [stem for stem in endings if stem not in AMBIGUOUS_NAMES]
    return stems


def _nearly(word: str) -> str | None:
    """Return the long name one letter away: left out, added, changed, or two swapped."""
    if len(word) < _MIN_FUZZY - 1:
        return None
    found = {name for shape in _shapes(word) for name in _shape_index().get(shape, ())}
    return min((name for name in found if name[0] == word[0]), default=None)


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
    return frozenset(" ".join(name_words(name)) for place in load_places() for name in place.names)


@cache
def _by_english_name() -> dict[str, Place]:
    return {place.name_en: place for place in load_places()}
