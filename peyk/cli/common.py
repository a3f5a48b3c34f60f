"""What the commands share."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

from peyk.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

FAILED = 1
WRONG_SETTING = 2
ZWNJ = "\u200c"


def the_settings() -> Settings:
    """Return the settings; the demo's secret key is the one it keeps, or its audit could not be checked."""
    from peyk.launcher.stack import demo_key

    settings = load_settings()
    if settings.demo and "secret_key" not in settings.model_fields_set:
        os.environ["PEYK_SECRET_KEY"] = demo_key(settings.data_dir)
        settings = load_settings()
    # Rasa does not read `.env`, but has to know what an order number looks like.
    os.environ["PEYK_ORDER_PREFIX"] = settings.order_prefix
    os.environ["PEYK_ORDER_DIGITS"] = settings.order_digits
    os.environ["PEYK_ORDER_SUFFIX"] = settings.order_suffix
    return settings


def the_engine(settings: Settings) -> Engine:
    """Return the engine of the store; nothing is connected yet."""
    from peyk.store.engine import make_engine

    return make_engine(settings.store_url)


def printable(text: str) -> str:
    """Return a customer's words without what steers a terminal."""
    # What a customer typed must not steer the terminal of whoever reads it; of the invisible ones Persian needs ZWNJ.
    hidden = {"Cc", "Cf", "Zl", "Zp"}
    return "".join(" " if unicodedata.category(char) in hidden and char != ZWNJ else char for char in text)
