"""Ratings and spans of days in running text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peyk.text.numbers import NUMBER_WORDS, PLAIN_NUMBER_WORDS, number_of
from peyk.text.spans import BARE, Identifier, Kind

_MAX_RATING = 5
_STARS = "⭐★🌟"
_HOURS_A_DAY = 24
_MAX_DAYS = 400
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}


def _alternatives(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_S = r"[\s\u200c‌]*"
_RATING_NUMBER = rf"(?P<n>[1-5]|{_alternatives({w: v for w, v in PLAIN_NUMBER_WORDS.items() if v <= _MAX_RATING})})"
_RATINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w/.]){_RATING_NUMBER}{_S}(?:/|از|out of|of|az){_S}(?:5|پنج|five|panj)(?![\w/]|\.\d)",
        rf"(?<![\w/.]){_RATING_NUMBER}(?:{_S}|-)(?:تا{_S})?(?:ستاره|stars?\b|setare|setareh)",
        rf"(?:ستاره|setare){_S}{_RATING_NUMBER}(?!\w)",
        rf"(?:امتیاز|نمره|emtiaz\w*|emtiyaz\w*|nomre\w*|rating|score|rate)\u200c?(?:م|ش|ی|ه)?(?:[\s\u200c:]|من|بهش|بهتون|من|my|is|of|it|be|as|a){{1,12}}{_RATING_NUMBER}(?![\w/.]\d|\w)",
    )
)
_STAR_RUN = re.compile(rf"(?<![{_STARS}])(?:[{_STARS}]\ufe0f?){{1,5}}(?![{_STARS}])")
_LONE = re.compile(rf"\W*{_RATING_NUMBER}\W*", re.IGNORECASE)

_COUNT = rf"(?P<n>\d{{1,3}}|{_alternatives(NUMBER_WORDS)})"
# "دو سه روز", "2-3 days": the customer's doubt goes to the larger number.
_RANGE = rf"(?:(?:\d{{1,3}}|{_alternatives(NUMBER_WORDS)})(?:{_S}(?:-|–|تا|الی|to|or|یا|ta|ya){_S}|[\s\u200c]+))?"
_FILLER = rf"(?:{_S}(?:of|full|whole|working|business|کاری|تا|ta))?"
_DAYS = re.compile(
    rf"(?<![\w/:.]){_RANGE}{_COUNT}{_FILLER}(?:{_S}|-)"
    r"(?:(?P<day>روز(?!نامه|رسانی)|days?\b|rooz|ruz|roz)|(?P<week>هفته|weeks?\b|hafte)|(?P<month>ماه(?!شهر|کس|واره)|months?\b|mah(?:e|ast|i)?\b)|"
    r"(?P<year>سال(?!م)|years?\b)|(?P<hour>ساعت|hours?\b|saat))[\w\u200c]*",
    re.IGNORECASE,
)


def find_ratings(plain: str) -> Iterator[Identifier]:
    """Yield ratings from 1 to 5; a lone number in that range comes with the role `bare`."""
    for pattern in _RATINGS:
        for match in pattern.finditer(plain):
            yield _rating(match, match.span())
    for match in _STAR_RUN.finditer(plain):
        yield Identifier(Kind.RATING, sum(c in _STARS for c in match.group()), *match.span())
    lone = _LONE.fullmatch(plain)
    if lone:
        yield _rating(lone, lone.span("n"), role=BARE)


def find_day_counts(plain: str) -> Iterator[Identifier]:
    """Yield spans of time in whole days: a week is 7, a month 30; hours count from 24 on."""
    for match in _DAYS.finditer(plain):
        count = number_of(match["n"])
        if count is None:
            continue
        days = count // _HOURS_A_DAY if match["hour"] else count * _days_a_unit(match)
        if 0 < days <= _MAX_DAYS:
            yield Identifier(Kind.DAYS, days, *match.span())


def _rating(match: re.Match[str], span: tuple[int, int], role: str | None = None) -> Identifier:
    return Identifier(Kind.RATING, number_of(match["n"]) or 0, *span, role=role)


def _days_a_unit(match: re.Match[str]) -> int:
    return next(days for unit, days in _UNITS.items() if match[unit])
