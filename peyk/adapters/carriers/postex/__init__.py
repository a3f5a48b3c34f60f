"""Postex, which sends by several carriers."""

from peyk.adapters.carriers.postex.adapter import PostexCarrier, check, make
from peyk.adapters.carriers.postex.client import PostexSettings
from peyk.adapters.carriers.postex.quotes import check_quotes, make_quotes
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin(
    "postex",
    SystemKind.CARRIER,
    "Postex, with or without a business key",
    PostexSettings,
    make,
    check,
    quotes=make_quotes,
    check_quotes=check_quotes,
)

__all__ = ["PLUGIN", "PostexCarrier", "PostexSettings"]
