"""Tipax, by the web service of a shop's contract."""

from peyk.adapters.carriers.tipax.adapter import TipaxCarrier, check, make
from peyk.adapters.carriers.tipax.client import TipaxSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin("tipax", SystemKind.CARRIER, "Tipax, with the account of your contract", TipaxSettings, make, check)

__all__ = ["PLUGIN", "TipaxCarrier", "TipaxSettings"]
