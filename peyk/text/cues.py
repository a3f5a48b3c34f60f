"""The words beside a number that say what it is."""

from __future__ import annotations

import re
from enum import StrEnum

from peyk.text.normalise import normalise

_BEFORE = 5
_AFTER = 3
_WINDOW = 60


class Cue(StrEnum):
    """What the nearest word says: an order, a one-time code, a parcel, or some other number not ours."""

    ORDER = "order"
    CODE = "code"
    TRACKING = "tracking"
    OTHER = "other"


_TAIL = r"(?:م|ت|ش|مون|تون|شون|ام|ی|ای|ه|ها|های|هام|هایم|مان|تان|شان|مه|ا|ات|اتم)?"
_ORDER = re.compile(
    rf"سفارش{_TAIL}|سفارشات|خرید{_TAIL}|فاکتور{_TAIL}|order(?:s|ed|am|et|esh|e)?|ordr|oder|purchase|invoice|sefares[h]?\w{{0,4}}|kharid\w{{0,3}}"
)
_TRACKING = re.compile(
    rf"رهگیری{_TAIL}|ره‌?گیری|پیگیری{_TAIL}|مرسوله{_TAIL}|بسته{_TAIL}|محموله{_TAIL}|بارکد{_TAIL}|بارنامه{_TAIL}|tracking|track|parcel|"
    r"shipment|waybill|awb|barcode|package|consignment|rahgiri\w{0,3}|peygiri\w{0,3}|peigiri\w{0,3}|marsule\w{0,3}|marsoole\w{0,3}|baste\w{0,3}|dhl|fedex|tipax|mahex|chapar|"
    r"تیپاکس|چاپار|ماهکس"
)
_CODE = re.compile(
    rf"کد{_TAIL}|رمز{_TAIL}|تایید|تاییدیه|ورود|پیامک{_TAIL}|پیامکی|اس‌?ام‌?اس|otp|code|codes|pin|passcode|kod\w{{0,3}}|kode|code[ms]h?|ramz\w{{0,2}}|verification|sms"
)
# Postal codes, national ids, prices, accounts, discount codes, years: digits that must never be looked up.
_OTHER = re.compile(
    r"پستی|کدپستی|ملی|کدملی|تخفیف|پلاک|واحد|طبقه|کارت|شبا|حساب|تومن|تومان|ریال|هزار|هزارتومان|میلیون|تلفن|ثابت|شناسنامه|"
    r"postal|postcode|zip|zipcode|discount|coupon|promo|iban|card|account|plate|unit|toman|tomans|tooman|rial|rials|rls|dollars?|euros?|usd|eur|posti|melli|takhfif|pelak|refid"
)
_MONEY = re.compile(
    r"هزار(?:توما?نی?)?|میلیونی?|توما?نی?|ریالی?|toman|tomans|tooman|tomen|rials?|rls|dollars?|euros?|usd|eur|hezar|k"
)
_AND = frozenset({"و", "یا", "and", "or", "va", "ya", "شماره", "number", "با"})
_WORD = re.compile(r"\w+")


def cue_for(plain: str, start: int, end: int) -> Cue | None:
    """Return what the words beside `plain[start:end]` make of it; the nearest before wins over those after."""
    before = _words(plain[max(0, start - _WINDOW) : start])[-_BEFORE:]
    after = _words(plain[end : end + _WINDOW])[:_AFTER]
    if after and _MONEY.fullmatch(after[0]):
        return Cue.OTHER
    return _nearest_before(before) or _nearest_after(after)


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text))


def _nearest_before(words: list[str]) -> Cue | None:
    for index in range(len(words) - 1, -1, -1):
        if words[index].isdigit() and len(words[index]) > 2:
            # A word before another number belongs to that one, unless the two are listed.
            listed = _AND.issuperset(words[index + 1 :])
            return _nearest_before(words[:index]) if listed else None
        cue = _cue_of(words[index])
        if cue is Cue.CODE and index > 0:
            # "order code", "tracking code": the word before says which code.
            return _cue_of(words[index - 1]) or cue
        if cue:
            return cue
    return None


def _nearest_after(words: list[str]) -> Cue | None:
    return next((cue for word in words if (cue := _cue_of(word)) and cue is not Cue.OTHER), None)


def _cue_of(word: str) -> Cue | None:
    """Return the cue of one word."""
    if _OTHER.fullmatch(word):
        return Cue.OTHER
    if _ORDER.fullmatch(word):
        return Cue.ORDER
    if _TRACKING.fullmatch(word):
        return Cue.TRACKING
    return Cue.CODE if _CODE.fullmatch(word) else None
