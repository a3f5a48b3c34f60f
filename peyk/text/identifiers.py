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

from peyk.text import cues, quantities, tracking_codes
from peyk.text.digits import to_ascii_digits
from peyk.text.mobiles import find_mobiles, parse_mobile
from peyk.text.order_numbers import MOST, OrderFormat
from peyk.text.prefixes import prefix_pattern
from peyk.text.spans import BARE, CLITIC, Identifier, Kind, Span, free
from peyk.text.word_sets import word_set

__all__ = ["BARE", "Identifier", "Kind", "find_identifiers"]

_EMAIL = re.compile(r"[a-z0-9][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE | re.ASCII)
# Account numbers hold 24 digits too; as part of an IBAN they are not a parcel's.
_IBAN = re.compile(r"(?<![a-z])IR[\s-]?\d{2}(?:[\s-]?\d){22}(?!\d)", re.IGNORECASE)
# Digits inside dates, times, prices and longer words are no identifiers of their own; Finglish hangs endings on them.
_RUN = re.compile(
    r"(?:(?<![A-Za-z0-9_/])(?<!\d[.,:-])(?<![٫٬])|(?<=order)|(?<=sefaresh)|(?<=sefaresham)|(?<=code)|(?<=kod)"
    r"|(?<=\d{6}[,-]))"
    rf"(\d{{3,20}}){CLITIC}(?![A-Za-z0-9_٫٬%٪])(?![/.:_]\d|[,-]\d{{1,5}}(?!\d))",
    re.IGNORECASE,
)
_LONE = re.compile(r"\W*(\d+)\W*")
# "it is 123456", «اینم ۱۲۳۴۵۶»: nothing but words that hand a number over.
_HANDED_OVER = word_set(
    "شماره شماره‌ش شمارش این اینم اینه اینا بفرما بفرمایید بفرمایین بفرمائید بیا خدمت شما خدمتتون ایناهاش هست است لطفا "
    "سلام",
    "ممنون مرسی شد اومد گرفتم فکر کنم it its it's is this one here heres here's you go the number no maybe please pls "
    "hi hello",
    "thanks got ok okay ine inam ina bia befarma befarmaid befarmayid hast ast shomare salam lotfan mersi bashe resid",
    "باشه ببخشید درسته رسید man من",
)
# Words that make a number without a cue the code that was sent.
_CODE_TALK = re.compile(
    r"(?<!\w)(?:کد(?:ی|یه|یو|م|مو|ش|شو|و|ه|ا|هه)?|رمز(?:م|ش|ی)?|پیامک(?:ی|م)?|اس\s?ام\s?اس|code|kod(?:i|e|am|esh|o)?|"
    r"otp|pin|"
    r"passcode|verification|ramz(?:e|am)?|sms|text)(?!\w)",
    re.IGNORECASE,
)
_NOT_CODE_TALK = re.compile(
    r"سفارش|خرید|رهگیری|پیگیری|مرسوله|بسته|پستی|تخفیف|order|ordr|track|parcel|package|discount|sefaresh|safaresh|"
    r"rahgiri|"
    r"peygiri|peigiri|baste|takhfif|post|پست",
    re.IGNORECASE,
)
_NUMBER_WORD = r"(?:number|num|no|nr|id|شماره|shomareye|shomare|کد|code|e|ی|is|was|are|it|هست|من|ما|م|ام|my|دارم)"
# Numbers of other registers, by the word right before: tickets, banks, postcodes; shorter ones also models and sizes.
_OTHER_REGISTER = re.compile(
    r"(?<!\w)(?:(?P<sure>tickets?|tickt|tikets?|ticketam?|cases?|complaint|تیکت\w*|شکایت\w*|پرونده\w*|shekayat\w*|بانک|"
    r"bank|تراکنش\w*|"
    r"transactions?|tarakonesh\w*|zip|postcode|postal code|post code|کد\s?پستی\w*|kod\s?posti\w*)|error|ارور|خطای|مدل|"
    r"models?|modele|"
    r"size|سایز|version|receipt|item code|کد کالا|کد محصول|sku)"
    rf"(?:[\s\u200c.:#]+{_NUMBER_WORD}(?!\w)){{0,4}}[\s\u200c.:#]*$",
    re.IGNORECASE,
)
# A price without its unit, by the word right before; further off it may be the price of an order.
_PRICED = re.compile(
    r"(?<!\w)(?:(?:قیمت|مبلغ|هزینه)(?:\u200c?[ایشمهت]\w{0,2})?|prices?|costs?|amount|gheymat\w{0,3}|mablagh\w{0,3}|hazine\w{0,3})"
    r"(?:[\s\u200c]+(?:is|was|کل|حدود|هست|e|ham|هم))?[\s\u200c:]*$",
    re.IGNORECASE,
)
# Postcodes and national ids have the ten digits of a DHL code or of a mobile without its zero.
_TEN = re.compile(r"(?<![A-Za-z0-9_.,/+-])\d{5}[\s-]?\d{5}(?![A-Za-z0-9_])")
_OFFICIAL = re.compile(
    r"(?:کد\s?پستی|کد\s?ملی|شماره\s?ملی|post(?:al)?\s?code|zip\b|national (?:id|code|number)|id number|"
    r"kod\w?\s?(?:posti|melli)|"
    r"code?\s?(?:posti|melli)|شناسه\s?ملی|کارت ملی|شماره حساب|account number|شبا)\w*",
    re.IGNORECASE,
)
_NOT_OFFICIAL = re.compile(
    r"رهگیری|پیگیری|مرسوله|بارکد|بارنامه|موبایل|تماس|همراه|track|mobile|phone|dhl|cell|rahgiri|peygiri|mobail|barcode|"
    r"waybill",
    re.IGNORECASE,
)
# Only the last digits of an order: said so, or right after the word.
_ENDS_WITH = re.compile(
    r"(?:\bending|\bends?|last (?:\w+ )?digits?|final digits|رقم[\s\u200c]*(?:آخر|اخر)\w*|(?:آخر|اخر|ته)ش|"
    r"raghame? ?(?:akhar\w*)|akharesh)"
    r"(?:[\s\u200c:]+(?:in|with|are|is|of|it|هست|سفارشم?|سفارش|شماره|sefaresham?|همین|my|order|the|به|"
    r"با)){0,4}[\s\u200c:]*$",
    re.IGNORECASE,
)
_NO_ENDING = re.compile(r"card|phone|mobile|receiver|کارت|موبایل|تلفن|گوشی|kart|goshi|gushi|code|کد", re.IGNORECASE)
_RIGHT_AFTER_ORDER = re.compile(
    r"(?:(?<!\w)(?:سفارش(?:\u200c?ها\w{0,3}|\w{0,4})|خرید\w?|فاکتور\w?)|\border|\bordr|\bpurchase|\binvoice|\bsefaresh\w{0,3})"
    r"(?P<number>(?:[\s\u200c.:#]+(?:number|num|no|nr|id|code|شماره\w*|به|کد|ی|e|shomareye|shomare|is|was|من|man|am|ما|"
    r"my)){0,4})"
    r"[\s\u200c.:#]*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"[\s\u200c]*(?:تا|عدد|گیگ|متر|کیلو|گرم|تومن|تومنی|هزار|سانت|جفت|دست|بسته|کارتن|نفر|gig|gb|g|kg|pcs|pieces|units?|"
    r"pairs?|ta|"
    r"adad|meter|metr|metre|cm|watt|w|volt|v|ml|toman|%|٪|درصد|percent)(?!\w)|[\s]*(?:screws|items|chairs|boxes|packs)",
    re.IGNORECASE,
)
# What else a short number may measure, where it could be a whole one.
_MEASURED = re.compile(
    r"[\s\u200c]*(?:تایی|گرمی|کیلویی|سانتی\w*|متری|لیتر\w*|نفره|صفحه\w*|برگ\w?|میل\w*|وات\w?|ولت\w?|اینچ\w?|دلار\w?|روز\w*|"
    r"هفته\w*|ماه\w*|سال\w*|ساعت\w*|دقیقه\w*|بار|دفعه|مدل\w?|نوع|رنگ|کالا|قلم|محصول|days?|weeks?|months?|years?|hours?|minutes?|"
    r"times|people|inch\w*|lit\w*|pages?|dollars?|euros?|colou?rs?|ruz\w*|rooz\w*|bar|nafar\w*|safhe\w*)(?!\w)",
    re.IGNORECASE,
)
_NEAR = 60
_HALVES = re.compile(r"\W*(\d{3}[\s-]\d{3})\W*")
_OTP_LENGTHS = (5, 6)
# Fewer digits than an order has are its last ones ("سفارش ۴۲۳۳"); below three they say nothing.
_MIN_SUFFIX = 3
_MIN_BARE_SUFFIX = 4
# Typed alone, six digits are the suffix of a longer number; four are too when nothing else is said.
_TYPED_SUFFIX = 6
# Fewer digits than this are more often a price, a year, a size than an order: only words right beside them say so.
_CLEAR = 5
_NAMED = re.compile(
    r"(?<!\w)(?:شمار[هش]\w*|کد|رهگیری\w?|پیگیری\w?|number|num|no|nr|code|id|tracking|shomare\w*|kode?|rahgiri\w?|peygiri\w?)"
    r"(?:[\s\u200c.:#]+(?:is|was|هست|e|ی|من|م))?[\s\u200c.:#]*$",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    r"[\s\u200c،,]*(?:شماره\w*[\s\u200c]+(?:ی[\s\u200c]+)?سفارش|سفارش[\s\u200c]?م(?:ه|ن\w*)(?!\w)|سفارش[\s\u200c]+من|"
    r"(?:is[\s]+)?(?:my|the|our)[\s]+order|order[\s]+number|sefareshame|sefaresh\w*[\s]+man|shomare\w*[\s]+sefaresh)",
    re.IGNORECASE,
)
_LISTED_ON = re.compile(r"[\s\u200c]*(?:و|یا|and|or|va|ya|،|,|&)[\s\u200c]*\d{3,}(?!\d)", re.IGNORECASE)
_LISTED = re.compile(r"\d{3,}[\s\u200c]*(?:و|یا|and|or|va|ya|،|,|&)[\s\u200c]*$", re.IGNORECASE)


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
        lambda: _official_numbers(plain),
        lambda: tracking_codes.find_lettered(plain),
        lambda: _suffixed_orders(plain, orders),
        lambda: _prefixed_orders(plain, orders),
        lambda: tracking_codes.find_long(plain, mobile, orders),
        lambda: find_mobiles(plain, mobile),
        lambda: quantities.find_ratings(plain),
        lambda: quantities.find_day_counts(plain),
        lambda: _by_cue(plain, orders),
        lambda: tracking_codes.find_dhl(plain, orders),
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


def _official_numbers(plain: str) -> Iterator[Identifier]:
    """Claim postcodes and national ids: the nearest word of the kind before, or one right after."""
    for match in _TEN.finditer(plain):
        before, after = (
            plain[max(0, match.start() - _NEAR) : match.start()],
            plain[match.end() : match.end() + _NEAR // 3],
        )
        named = max((m.end() for m in _OFFICIAL.finditer(before)), default=-1)
        other = max((m.end() for m in _NOT_OFFICIAL.finditer(before)), default=-1)
        if named > other or (other < 0 and _OFFICIAL.search(after)):
            yield Identifier(Kind.NOTHING, "", *match.span())


def _suffixed_orders(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield `10234-IR` and `10234ir`, where numbers end so."""
    tail = re.escape(orders.suffix.lstrip("-/"))
    pattern = rf"(?<![\w/.])(?P<digits>\d{{3,{MOST}}})[\s_/-]?{tail}(?!\w)"
    for match in re.finditer(pattern, plain, re.IGNORECASE) if tail else ():
        yield Identifier(Kind.ORDER, f"{orders.prefix}{match['digits']}{orders.suffix}", *match.span())


def _prefixed_orders(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield `TS-104233`, `ts104233`, `#104233` and the prefix as Persian keyboards and tongues make it."""
    before = rf"(?:{prefix_pattern(orders.prefix)}|(?<![A-Za-z0-9_#])[#№]\s?)"
    pattern = rf"{before}(?P<digits>\d{{3,{MOST}}}){CLITIC}(?![A-Za-z0-9_])"
    for match in re.finditer(pattern, plain, re.IGNORECASE):
        value, end = orders.number(match["digits"]), match.end("digits")
        if not match.group().startswith(("#", "№")):
            value = f"{orders.prefix}{match['digits']}{orders.suffix}"
        elif _OTHER_REGISTER.search(plain, max(0, match.start() - _NEAR), match.start()):
            yield Identifier(Kind.NOTHING, "", match.start(), end)
            continue
        yield Identifier(Kind.ORDER, value, match.start(), end)


def _by_cue(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield digit runs that the nearest word explains: an order, a code, a tracking code, or none of ours."""
    yield from tracking_codes.find_after_cue(plain)
    for match in _RUN.finditer(plain):
        item = _explained(plain, match, orders)
        if item is not None:
            yield item


def _explained(plain: str, match: re.Match[str], orders: OrderFormat) -> Identifier | None:
    digits, span = match.group(1), match.span(1)
    before = plain[max(0, span[0] - _NEAR) : span[0]]
    cue = cues.cue_for(plain, *span)
    register = _OTHER_REGISTER.search(before)
    unclear = len(digits) < max(orders.fewest, _CLEAR)
    if cue is cues.Cue.OTHER or _PRICED.search(before) or (register and (register["sure"] or unclear)):
        return Identifier(Kind.NOTHING, "", *span)
    if cue is cues.Cue.CODE and len(digits) in _OTP_LENGTHS:
        return Identifier(Kind.OTP, digits, *span)
    if unclear:
        named = _is_ending(plain, before, digits, span, orders) or (
            cue is not None and orders.is_whole(digits) and _is_named(plain, before, span)
        )
        return Identifier(Kind.ORDER, orders.number(digits), *span) if named else None
    if cue is cues.Cue.TRACKING and orders.is_whole(digits) and len(digits) < tracking_codes.SHORTEST:
        # "کد پیگیری" is also what many shops print above the order number.
        return Identifier(Kind.ORDER, orders.number(digits), *span)
    if cue is cues.Cue.ORDER and len(digits) <= orders.most + 2:
        return Identifier(Kind.ORDER, orders.number(digits), *span)
    return None


def _is_ending(plain: str, before: str, digits: str, span: Span, orders: OrderFormat) -> bool:
    """Tell the last digits of an order, or a short number, from a price, a size or a count."""
    if _COUNTED.match(plain, span[1]):
        return False
    if _ENDS_WITH.search(before) and not _NO_ENDING.search(before):
        return True
    match = _RIGHT_AFTER_ORDER.search(before)
    if match is None:
        return False
    whole = orders.is_whole(digits) and not _MEASURED.match(plain, span[1])
    return whole or len(digits) > _MIN_SUFFIX or bool(match["number"].strip(" :.\u200c"))


def _is_named(plain: str, before: str, span: Span) -> bool:
    """Tell whether the words right beside a short number call it one, or list it with another."""
    if _COUNTED.match(plain, span[1]) or _MEASURED.match(plain, span[1]):
        return False
    listed = _LISTED.search(before)
    more = _LISTED_ON.match(plain, span[1])
    # "200 and 300 grams": what is counted after the next is counted here, too.
    listed_on = more is not None and not _COUNTED.match(plain, more.end())
    return bool(_NAMED.search(before) or listed or listed_on or _NAMED_AFTER.match(plain, span[1]))


def _bare(plain: str, orders: OrderFormat) -> Iterator[Identifier]:
    """Yield runs nothing explains; one handed over without a word comes as an order and a code, on the same span."""
    lone, halves = _LONE.fullmatch(plain), _HALVES.fullmatch(plain)
    if halves:
        yield from _meanings(re.sub(r"\D", "", halves.group(1)), halves.span(1), orders)
    runs = list(_RUN.finditer(plain))
    handed_over = len(runs) == 1 and _HANDED_OVER.issuperset(re.findall(r"[^\W\d]+(?:['\u200c]\w+)*", plain.lower()))
    code_talk = len(runs) == 1 and bool(_CODE_TALK.search(plain)) and not _NOT_CODE_TALK.search(plain)
    for match in runs:
        digits, span = match.group(1), match.span(1)
        if code_talk and len(digits) in _OTP_LENGTHS:
            yield Identifier(Kind.OTP, digits, *span)
            continue
        if lone and _MIN_BARE_SUFFIX <= len(digits) < min(orders.fewest, _CLEAR):
            yield Identifier(Kind.ORDER, digits, *span, role=BARE)
        for item in _meanings(digits, span, orders):
            if handed_over or (item.kind is Kind.ORDER and len(digits) >= _CLEAR):
                yield item


def _meanings(digits: str, span: Span, orders: OrderFormat) -> Iterator[Identifier]:
    if orders.is_whole(digits) or (len(digits) == _TYPED_SUFFIX < orders.fewest):
        yield Identifier(Kind.ORDER, orders.number(digits), *span, role=BARE)
    if len(digits) in _OTP_LENGTHS:
        yield Identifier(Kind.OTP, digits, *span)
