"""Tracking codes: their shapes, check digits, and how they look after a copy and paste."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from peyk.text import cues
from peyk.text.order_numbers import OrderFormat
from peyk.text.spans import CLITIC, Identifier, Kind, Span

# UPU standard S10: two letters, eight digits, a check digit, the country.
_S10 = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[\s-]?((?:\d[\s-]?){8}\d)[\s-]?([A-Za-z]{2})(?![A-Za-z0-9])")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_TRK = re.compile(
    rf"(?<![A-Za-z0-9])TRK[\s_:#\-\u2010-\u2015\u200c-\u200f]{{0,3}}(\d{{6,14}}){CLITIC}(?![A-Za-z0-9_])", re.IGNORECASE
)
# Iran Post prints 24 digits (older barcodes 20), Tipax 21; pasting breaks them into groups.
_LONG_LENGTHS = (24, 21, 20)
_GROUPS = re.compile(r"(?<![A-Za-z0-9_+#])\d{1,24}(?:[\s\u200c-\u200f\-.]{1,2}\d{1,24})*(?![A-Za-z0-9_])")
_MOBILE_DIGITS = 11
_DHL_DIGITS = 10
# Fewer digits than this are no carrier's code, whatever the word beside them says.
SHORTEST = _DHL_DIGITS
_DHL = re.compile(r"(?<![A-Za-z0-9_.,:/+-])(\d{10}|\d{2} \d{4} \d{4}|\d{4} \d{4} \d{2})(?![A-Za-z0-9_])(?![.,:/-]\d)")
# A carrier not known here has its own shapes: trust the word before it.
_CUED = re.compile(r"(?<![A-Za-z0-9_.@/+])([A-Za-z]{0,6}-?\d[A-Za-z0-9-]{5,28}[A-Za-z0-9])(?![A-Za-z0-9_@])", re.ASCII)
_MIN_CUED_DIGITS = 7
_LANDLINE = re.compile(r"0[1-8]\d{9}|0\d{2}-\d{8}")


def s10_check_digit(serial: str) -> int:
    """Return the check digit of the eight digits `serial` (UPU S10-12, annex B)."""
    remainder = 11 - sum(int(d) * w for d, w in zip(serial, _S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(remainder, remainder)


def find_lettered(plain: str) -> Iterator[Identifier]:
    """Yield `TRK-88392011` and S10 codes; an S10 code with a wrong check digit is claimed and yields nothing."""
    for match in _TRK.finditer(plain):
        yield Identifier(Kind.TRACKING, f"TRK-{match.group(1)}", match.start(), match.end(1))
    for match in _S10.finditer(plain):
        digits = re.sub(r"\D", "", match.group(2))
        valid = int(digits[8]) == s10_check_digit(digits[:8])
        value = f"{match.group(1)}{digits}{match.group(3)}".upper() if valid else ""
        if valid or _tightly_written(match):
            yield Identifier(Kind.TRACKING if valid else Kind.NOTHING, value, *match.span())


def find_long(plain: str, mobile: Callable[[str], str | None], orders: OrderFormat) -> Iterator[Identifier]:
    """Yield codes of 24, 21 or 20 digits, whole or in groups."""
    for run in _GROUPS.finditer(plain):
        groups = [(run.start() + m.start(), run.start() + m.end()) for m in re.finditer(r"\d+", run.group())]
        for part in _without_others(plain, groups, mobile):
            span = _window(plain, part, orders)
            if span and cues.cue_for(plain, *span) is cues.Cue.OTHER:
                # Twenty-four digits are an account's too.
                yield Identifier(Kind.NOTHING, "", *span)
            elif span:
                yield Identifier(Kind.TRACKING, re.sub(r"\D", "", plain[slice(*span)]), *span)


def find_dhl(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield ten-digit codes; mobiles were taken out before, and a number starting 09 is a mistyped one."""
    for match in _DHL.finditer(plain):
        digits = match.group(1).replace(" ", "")
        cue = cues.cue_for(plain, *match.span(1))
        own_order = orders.is_whole(digits) and cue is not cues.Cue.TRACKING
        if digits.startswith("09") or own_order or cue is cues.Cue.OTHER:
            continue
        yield Identifier(Kind.TRACKING, digits, *match.span(1))


def find_after_cue(plain: str) -> Iterator[Identifier]:
    """Yield codes of any shape that a tracking word explains."""
    for match in _CUED.finditer(plain):
        digits = sum(c.isdigit() for c in match.group(1))
        if _LANDLINE.fullmatch(match.group(1)):
            continue
        if digits >= _MIN_CUED_DIGITS and cues.cue_for(plain, *match.span(1)) is cues.Cue.TRACKING:
            yield Identifier(Kind.TRACKING, match.group(1).upper(), *match.span(1))


def _tightly_written(match: re.Match[str]) -> bool:
    """Tell a mistyped code from "is 123456789 my…": only the former has no space beside its letters."""
    return not re.search(r"[A-Za-z]\s|\s[A-Za-z]", match.group())


def _without_others(plain: str, groups: list[Span], mobile: Callable[[str], str | None]) -> Iterator[list[Span]]:
    """Yield the stretches of `groups` between whole mobiles and ten-digit codes."""
    stretch: list[Span] = []
    for start, end in groups:
        digits = plain[start:end]
        if (len(digits) == _MOBILE_DIGITS and mobile(digits)) or len(digits) == _DHL_DIGITS:
            yield stretch
            stretch = []
        else:
            stretch.append((start, end))
    yield stretch


def _window(plain: str, groups: list[Span], orders: OrderFormat) -> Span | None:
    """Return the stretch of neighbouring groups that together have the length of a code."""
    for length in _LONG_LENGTHS:
        for first in range(len(groups)):
            total = 0
            for last in range(first, len(groups)):
                total += groups[last][1] - groups[last][0]
                if total == length and not _is_order_list(plain, groups[first : last + 1], orders):
                    return groups[first][0], groups[last][1]
                if total >= length:
                    break
    return None


def _is_order_list(plain: str, groups: list[Span], orders: OrderFormat) -> bool:
    """Tell several order numbers in a row from one code in groups: a shop's numbers start alike."""
    runs = [plain[start:end] for start, end in groups]
    return len(runs) > 1 and all(orders.is_whole(run) for run in runs) and len({run[:2] for run in runs}) == 1
