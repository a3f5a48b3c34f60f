"""Finding the numbers people paste: orders, tracking codes, mobiles, one-time codes, e-mails, ratings, days.

Everything is found by rule in the raw text, whatever keyboard the digits came from; spans are those of
the original text. Finders run from the most to the least specific form, and a stretch of text once
claimed is never claimed again.

    find_identifiers("سفارش ۱۰۴۲۳۳ کجاست") -> [Identifier(ORDER, "TS-104233", 6, 12)]

Sources of the forms: UPU S10 (check digit included), Iran Post's own admin (20 and 24 digits), Tipax 21, DHL 10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from peyk.text import cues, quantities, tracking_codes
from peyk.text.digits import to_ascii_digits
from peyk.text.mobiles import find_mobiles, parse_mobile
from peyk.text.prefixes import prefix_pattern
from peyk.text.spans import BARE, Identifier, Kind, Span, free

__all__ = ["BARE", "Identifier", "Kind", "OrderFormat", "find_identifiers"]

_EMAIL = re.compile(r"[a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE | re.ASCII)
# Account numbers hold 24 digits too; as part of an IBAN they are not a parcel's.
_IBAN = re.compile(r"(?<![a-z])IR[\s-]?\d{2}(?:[\s-]?\d){22}(?!\d)", re.IGNORECASE)
# Digits inside dates, times, prices and longer words are no identifiers of their own.
_RUN = re.compile(
    r"(?:(?<![A-Za-z0-9_/.,:٫٬])(?<!\d-)|(?<=order)|(?<=sefaresh)|(?<=sefaresham)|(?<=code)|(?<=kod))"
    r"(\d{3,20})(?![A-Za-z0-9_٫٬])(?![/.,:_-]\d)",
    re.IGNORECASE,
)
_LONE = re.compile(r"\W*(\d+)\W*")
_HALVES = re.compile(r"\W*(\d{3}[\s-]\d{3})\W*")
_OTP_LENGTHS = (5, 6)
# Fewer digits than an order has are its last ones ("سفارش ۴۲۳۳"); below three they say nothing.
_MIN_SUFFIX = 3
_MIN_BARE_SUFFIX = 4
# Typed alone, six digits are the suffix of a longer number; four are too when nothing else is said.
_TYPED_SUFFIX = 6
_MAX_ORDER_DIGITS = 20


@dataclass(frozen=True, slots=True)
class OrderFormat:
    """How the shop numbers its orders: `prefix` (may be empty) and the count of digits after it."""

    prefix: str = "TS-"
    digits: int = 6

    def number(self, digits: str) -> str:
        """Return the order number for `digits`: complete with the prefix, a mere ending as typed."""
        return f"{self.prefix}{digits}" if len(digits) >= self.digits else digits


def find_identifiers(
    text: str,
    order_format: OrderFormat | None = None,
    *,
    mobile: Callable[[str], str | None] = parse_mobile,
) -> list[Identifier]:
    """Return what `text` contains, in order of appearance; no two overlap but an order/code pair of one number.

    `mobile` turns `+`-or-digits text into a normalised mobile or None; callers with a better table pass their own.
    """
    plain = to_ascii_digits(text)
    orders = order_format or OrderFormat()
    finders: tuple[Callable[[], Iterator[Identifier]], ...] = (
        lambda: _emails(plain),
        lambda: _ibans(plain),
        lambda: tracking_codes.find_lettered(plain),
        lambda: _prefixed_orders(plain, orders),
        lambda: tracking_codes.find_long(plain, mobile, orders.digits),
        lambda: find_mobiles(plain, mobile),
        lambda: quantities.find_ratings(plain),
        lambda: quantities.find_day_counts(plain),
        lambda: _by_cue(plain, orders),
        lambda: tracking_codes.find_dhl(plain, orders.digits),
        lambda: _bare(plain, orders),
    )
    claimed: list[Span] = []
    found: list[Identifier] = []
    for finder in finders:
        fresh = [item for item in finder() if free(item.span, claimed)]
        claimed.extend(item.span for item in fresh)
        found.extend(fresh)
    return sorted((item for item in found if item.kind is not Kind.NOTHING), key=lambda item: (item.start, item.kind))


def _emails(plain: str) -> Iterator[Identifier]:
    for match in _EMAIL.finditer(plain):
        yield Identifier(Kind.EMAIL, match.group().lower(), *match.span())


def _ibans(plain: str) -> Iterator[Identifier]:
    for match in _IBAN.finditer(plain):
        yield Identifier(Kind.NOTHING, "", *match.span())


def _prefixed_orders(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield `TS-104233`, `ts104233`, `#104233` and the prefix as Persian keyboards and tongues make it."""
    before = rf"(?:{prefix_pattern(orders.prefix)}|(?<![A-Za-z0-9_#])[#№]\s?)"
    pattern = rf"{before}(?P<digits>\d{{3,{_MAX_ORDER_DIGITS}}})(?![A-Za-z0-9_])"
    for match in re.finditer(pattern, plain, re.IGNORECASE):
        value = orders.number(match["digits"])
        if not match.group().startswith(("#", "№")):
            value = f"{orders.prefix}{match['digits']}"
        yield Identifier(Kind.ORDER, value, *match.span())


def _by_cue(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield digit runs that the nearest word explains: an order, a code, a tracking code, or none of ours."""
    yield from tracking_codes.find_after_cue(plain)
    for match in _RUN.finditer(plain):
        item = _explained(plain, match, orders)
        if item is not None:
            yield item


def _explained(plain: str, match: re.Match[str], orders: OrderFormat) -> Identifier | None:
    digits, span = match.group(1), match.span(1)
    cue = cues.cue_for(plain, *span)
    if cue is cues.Cue.OTHER:
        return Identifier(Kind.NOTHING, "", *span)
    if cue is cues.Cue.CODE and len(digits) in _OTP_LENGTHS:
        return Identifier(Kind.OTP, digits, *span)
    if cue is cues.Cue.TRACKING and len(digits) == orders.digits < tracking_codes.SHORTEST:
        # "کد پیگیری" is also what many shops print above the order number.
        return Identifier(Kind.ORDER, orders.number(digits), *span)
    if cue is cues.Cue.ORDER and _MIN_SUFFIX <= len(digits) <= max(orders.digits, _MIN_SUFFIX) + 2:
        return Identifier(Kind.ORDER, orders.number(digits), *span)
    return None


def _bare(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield runs nothing explains; one that may be an order and a code comes as both, on the same span."""
    lone, halves = _LONE.fullmatch(plain), _HALVES.fullmatch(plain)
    if halves:
        yield from _meanings(re.sub(r"\D", "", halves.group(1)), halves.span(1), orders)
    for match in _RUN.finditer(plain):
        digits = match.group(1)
        if lone and _MIN_BARE_SUFFIX <= len(digits) < min(orders.digits, _OTP_LENGTHS[0]):
            yield Identifier(Kind.ORDER, digits, *match.span(1), role=BARE)
        yield from _meanings(digits, match.span(1), orders)


def _meanings(digits: str, span: Span, orders: OrderFormat) -> Iterator[Identifier]:
    whole = len(digits) == orders.digits
    if whole or (len(digits) == _TYPED_SUFFIX < orders.digits):
        yield Identifier(Kind.ORDER, orders.number(digits), *span, role=BARE)
    if len(digits) in _OTP_LENGTHS:
        yield Identifier(Kind.OTP, digits, *span)
