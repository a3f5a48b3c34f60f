"""How messages that adapters send are worded; adapters themselves know no words."""

from __future__ import annotations

import math
from collections.abc import Callable

from peyk import i18n
from peyk.settings import Settings

SECONDS_PER_MINUTE = 60


def code_message(settings: Settings) -> Callable[[str, str], str]:
    """Return how a text message with a one-time code is worded, by language and code."""
    shop = {"fa": settings.shop_name_fa, "en": settings.shop_name_en}
    minutes = math.ceil(settings.otp_ttl_s / SECONDS_PER_MINUTE)

    def message(language: str, code: str) -> str:
        valid_for = i18n.count("minutes", minutes, language)
        return i18n.text("sms.otp", language, shop=shop[language], code=code, minutes=valid_for)

    return message


def code_mail(settings: Settings) -> Callable[[str, str], tuple[str, str]]:
    """Return how a mail with a one-time code is worded: subject and text, by language and code."""
    shop = {"fa": settings.shop_name_fa, "en": settings.shop_name_en}
    text = code_message(settings)

    def mail(language: str, code: str) -> tuple[str, str]:
        return i18n.text("mail.otp.subject", language, shop=shop[language]), text(language, code)

    return mail
