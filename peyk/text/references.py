"""Which of the orders just offered the customer means: «دومی», «همون هدفونه», "yesterday's", 104201."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from peyk.text.dates import find_dates
from peyk.text.digits import to_ascii_digits
from peyk.text.identifiers import find_identifiers
from peyk.text.normalise import normalise, words
from peyk.text.skeleton import skeleton
from peyk.text.spans import Kind
from peyk.text.word_sets import word_set

_ORDINALS: tuple[str, ...] = (
    "اول اولی اولین یکم یکمی first 1st one avali avvali aval avval avalin",
    "دوم دومی دومین second 2nd two dovomi dovvomi dovom dovvom dovomin",
    "سوم سومی سومین third 3rd three sevomi sevvomi sevom sevvom sevomin",
    "چهارم چهارمی چهارمین fourth 4th four chaharomi charomi chaharom chaharomin",
    "پنجم پنجمی پنجمین fifth 5th five panjomi panjom panjomin",
    "ششم ششمی ششمین sixth 6th six sheshomi sheshom",
    "هفتم هفتمی هفتمین seventh 7th seven haftomi haftom",
    "هشتم هشتمی هشتمین eighth 8th eight hashtomi hashtom",
    "نهم نهمی نهمین ninth 9th nine nohomi nohom",
    "دهم دهمی دهمین tenth 10th ten dahomi dahom",
)
_PLACE_OF = {word: place for place, row in enumerate(_ORDINALS) for word in row.split()}
_COUNT_WORDS = {
    "یک": 0,
    "یکی": 0,
    "دو": 1,
    "سه": 2,
    "چهار": 3,
    "پنج": 4,
    "yek": 0,
    "do": 1,
    "se": 2,
    "chahar": 3,
    "panj": 4,
}
_LAST = word_set(
    "آخری اخری اخریه آخرین اخرین اخر last bottom akhari akhariye akharin akhar",
)
_NEWEST = word_set(
    "جدید جدیدی جدیده جدیدتر جدیدترین تازه newest latest recent newer jadid jadide jadidtarin jadidi",
)
_OLDEST = word_set(
    "قدیمی قدیمیه قدیمیتر قدیمیترین oldest older earliest ghadimi ghadimie ghadimiye ghadimitarin",
)
_OTHER = re.compile(
    r"(?:اون|ان|آن)\s?یکی|دیگری|دیگه\s?ای|the other|other (?:one|order)|oon yeki|un yeki|on yeki|[ou]+nyeki"
)
_ALL = re.compile(r"(?<!\w)(?:همه|هردو|هر دو|جفتش|all|both|hame|har do|hardo)(?!\w)")
_ENDINGS = (
    "هایم",
    "هامو",
    "هام",
    "های",
    "ها",
    "ایی",
    "مو",
    "رو",
    "یه",
    "ام",
    "ای",
    "م",
    "ه",
    "ی",
    "و",
    "ا",
    "s",
    "es",
    "e",
    "i",
    "o",
    "ro",
    "am",
)
# Words of a title that name no product.
_TOO_COMMON = word_set(
    "مدل رنگ سایز عدد بسته جفت ست نسخه و با از در برای model color colour size pack set of for the and",
    "with order سفارش one that this it is",
)
_MIN_WORD = 3
_MIN_SKELETON = 3
_MIN_SUFFIX = 2
_NOT_DIGITS = re.compile(r"[^0-9]")
_NEARLY = 0.85


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order on offer: its number, the words of its item titles in both languages, the local day it was placed."""

    number: str
    words: tuple[str, ...]
    placed_on: date


def resolve(text: str, candidates: Sequence[Candidate], *, today: date, current: str | None = None) -> list[int]:
    """Return the indices of the `candidates` that `text` means, in their order; empty when it names none.

    `current` is the number of the order spoken of now, for "the other one". The order of the rules is that
    of their certainty: number, product and day together, the other one, all, place in the list, age.
    """
    by_number = _by_number(text, candidates, today)
    if by_number:
        return by_number
    described = _described(text, candidates, today)
    if described:
        return described
    plain = normalise(text)
    if _OTHER.search(plain):
        return [i for i, c in enumerate(candidates) if c.number != current] if current else []
    if _ALL.search(plain):
        return list(range(len(candidates)))
    return _by_place(text, candidates) or _by_age(text, candidates)


def _described(text: str, candidates: Sequence[Candidate], today: date) -> list[int]:
    """Return those that both product words and day words mean, else the product's, else the day's."""
    products, days = _by_product(text, candidates), _by_day(text, candidates, today)
    return [i for i in products if i in days] or products or days


def _by_number(text: str, candidates: Sequence[Candidate], today: date) -> list[int]:
    """Match whole numbers, else the last digits."""
    typed = {str(item.value) for item in find_identifiers(text) if item.kind is Kind.ORDER}
    exact = [i for i, c in enumerate(candidates) if c.number in typed]
    if exact:
        return exact
    runs = [run for run in re.findall(r"(?<!\d)\d+(?!\d)", to_ascii_digits(text)) if len(run) >= _MIN_SUFFIX]
    if find_dates(text, today):
        runs = [run for run in runs if len(run) > _MIN_SUFFIX]
    # Where numbers grow, one may be the end of another.
    whole = [i for i, c in enumerate(candidates) if any(_NOT_DIGITS.sub("", c.number) == run for run in runs)]
    return whole or [i for i, c in enumerate(candidates) if any(c.number.endswith(run) for run in runs)]


def _by_product(text: str, candidates: Sequence[Candidate]) -> list[int]:
    """Return the candidates whose titles share the most of the typed words."""
    typed = [word for word in words(text) if len(word) >= _MIN_WORD and word not in _TOO_COMMON and not word.isdigit()]
    scores = [_shared(typed, candidate.words) for candidate in candidates]
    best = max(scores, default=0)
    return [i for i, score in enumerate(scores) if score == best] if best else []


def _shared(typed: Iterable[str], title_words: Iterable[str]) -> int:
    titles = {
        word for title in title_words for word in words(title) if word not in _TOO_COMMON and len(word) >= _MIN_WORD
    }
    return sum(1 for word in typed if any(_same_word(word, title) for title in titles))


def _same_word(typed: str, title: str) -> bool:
    """Tell whether two normalised words are one: under their endings, nearly, or across the two scripts."""
    stems, titles = _stems(typed), _stems(title)
    if stems & titles:
        return True
    if typed.isascii() != title.isascii():
        mine, theirs = ({skeleton(stem) for stem in side} for side in (stems, titles))
        return any(len(bones) >= _MIN_SKELETON for bones in mine & theirs)
    return len(typed) > 4 and typed[0] == title[0] and SequenceMatcher(None, typed, title).ratio() >= _NEARLY


def _stems(word: str) -> set[str]:
    return {
        word,
        *(
            word[: -len(e)]
            for e in _ENDINGS
            if word.endswith(e) and len(word) - len(e) >= _MIN_WORD - (not word.isascii())
        ),
    }


def _by_day(text: str, candidates: Sequence[Candidate], today: date) -> list[int]:
    ranges = find_dates(text, today)
    strict = [i for i, c in enumerate(candidates) if any(c.placed_on in days for days in ranges)]
    return strict or [i for i, c in enumerate(candidates) if any(c.placed_on in days.widened() for days in ranges)]


def _by_place(text: str, candidates: Sequence[Candidate]) -> list[int]:
    """Match «دومی», "the last one", a lone 2."""
    said = words(text)
    if _LAST.intersection(normalise(word) for word in said):
        return _last(said, candidates)
    places = {place for word in said if (place := _place_of(word, alone=len(said) <= 2)) is not None}
    return [i for i in range(len(candidates)) if i in places]


def _last(said: Sequence[str], candidates: Sequence[Candidate]) -> list[int]:
    """Return the last of the list; "my last order" is the newest."""
    if {"سفارش", "سفارشم", "سفارشو", "order", "sefaresh", "sefaresham"}.intersection(said):
        return _newest(candidates)
    return [len(candidates) - 1] if candidates else []


def _place_of(word: str, *, alone: bool) -> int | None:
    if word in ("one", "two", "three", "four", "five") and not alone:
        return None
    if word in _PLACE_OF:
        return _PLACE_OF[word]
    for ending in ("ه", "یه", "ش", "م", "و", "رو", "e", "ye", "o", "ro", "sh"):
        if word.endswith(ending) and word[: -len(ending)] in _PLACE_OF:
            return _PLACE_OF[word[: -len(ending)]]
    if alone and word in _COUNT_WORDS:
        return _COUNT_WORDS[word]
    return int(word) - 1 if word.isdigit() and len(word) <= 2 and int(word) else None


def _by_age(text: str, candidates: Sequence[Candidate]) -> list[int]:
    said = set(words(text))
    if said & {normalise(word) for word in _NEWEST}:
        return _newest(candidates)
    if said & {normalise(word) for word in _OLDEST}:
        return [min(range(len(candidates)), key=lambda i: candidates[i].placed_on)] if candidates else []
    return []


def _newest(candidates: Sequence[Candidate]) -> list[int]:
    return [max(range(len(candidates)), key=lambda i: candidates[i].placed_on)] if candidates else []
