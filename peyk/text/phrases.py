"""Set phrases that steps of a dialogue listen for, whatever the intent."""

from __future__ import annotations

import re

from peyk.text.normalise import normalise

_CODE = r"(?:کد|رمز|پیامک|اسمس|اس\s?ام\s?اس|sms|code|otp|kod|ramz|payamak|پیام|text|message|payam)"
_NOT_COME_FA = (
    r"نیومد|نیامد|نیومده|نیامده|نرسید|نرسیده|نگرفتم|دریافت نکرد|ندارم|نشد|نمیاد|نمیرسه|نمیاید|نفرستاد|"
    r"nay[aou]+mad|narsid|naresid|nemiad|nemiyad|nemirese|nagereftam|nafrest|nadaram"
)
_NOT_COME_EN = (
    r"(?:did|has|have|does|do|is|was|never|haven|didn|doesn|hasn|isn|wasn)\W?(?:n?'?t)?\W?(?:not |yet )*"
    r"(?:come|came|arriv|receiv|reach|get|got|sent|show)|"
    r"never (?:came|arrived|got)|not (?:received|arrived|here|coming)|"
    r"no (?:code|sms|otp|text)|nothing (?:came|arrived|yet)"
)
_NOT_COME = rf"(?:{_NOT_COME_FA}|{_NOT_COME_EN})"
_AGAIN = (
    r"(?:دوباره|مجدد|مجددا|یه بار دیگه|یک بار دیگه|یبار دیگه|از نو|"
    r"again|another|new|once more|one more|dobare|dobareh|mojadad|ye bar dige|baz ham)"
)
_SEND = r"(?:بفرست|ارسال|بزن|بده|بدید|کد|رمز|send|give|resend|code|otp|sms|befrest|ersal|kod|bede|bezan)"
_STILL_FA = r"(?:هنوز |hanooz |hanuz )?(?:برام |baram |vasam |واسم )?"
_ALONE_FA = r"نیومد|نیامد|نیومده|نیامده|نرسید|نرسیده|چیزی نیومد|nay[aou]+mad\w*|narsid\w*|naresid\w*"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_CODE}\w*\W+(?:\w+\W+){{0,4}}?{_NOT_COME}",
        rf"{_NOT_COME}\w*\W+(?:\w+\W+){{0,3}}?{_CODE}",
        rf"{_AGAIN}\w*\W+(?:\w+\W+){{0,4}}?{_SEND}",
        rf"{_SEND}\w*\W+(?:\w+\W+){{0,4}}?{_AGAIN}(?!\w)",
        r"(?<!\w)re-?\s?send",
        r"(?<!\w)(?:no|without) (?:code|sms|otp|text)(?!\w)",
        rf"^\W*{_STILL_FA}(?:{_ALONE_FA})\W*$",
        r"^\W*(?:it )?(?:did(?:n.?t| not)|has(?:n.?t| not)) (?:come|arrived?|get here)(?: yet)?\W*$",
        rf"^\W*{_AGAIN}\W*(?:لطفا|please|lotfan|pls)?\W*$",
        r"(?:کد|code|kod)\s?(?:جدید|jadid|تازه)|new code|another code",
    )
)


_QUESTION = re.compile(
    r"[?؟]|(?<!\w)(?:کجا|کی|چی|چه|چرا|چطور|چند|آیا|وضعیت|پیگیری|where|when|what|why|how|status|track|any update|"
    r"koja|key|ki|chi|chera|chetor)"
)


def asks_something(text: str) -> bool:
    """Tell whether the words ask a question of their own, beside a number they may hold."""
    return _QUESTION.search(normalise(text)) is not None


def asks_resend(text: str) -> bool:
    """Tell whether the customer says that the one-time code did not come, or asks for another."""
    plain = normalise(text)
    return any(pattern.search(plain) for pattern in _PATTERNS)
