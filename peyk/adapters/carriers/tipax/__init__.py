"""Tipax, by the web service of a shop's contract."""

from peyk.adapters.carriers.tipax.adapter import TipaxCarrier, check, make
from peyk.adapters.carriers.tipax.client import TipaxSettings
from peyk.adapters.carriers.tipax.quotes import check_quotes, make_quotes
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin(
    "tipax",
    SystemKind.CARRIER,
    "Tipax, with the account of your contract",
    TipaxSettings,
    make,
    check,
    quotes=make_quotes,
    check_quotes=check_quotes,
)

__all__ = ["PLUGIN", "TipaxCarrier", "TipaxSettings"]
