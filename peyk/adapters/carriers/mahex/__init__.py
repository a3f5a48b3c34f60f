"""Mahex, by the web service of a shop's contract."""

from peyk.adapters.carriers.mahex.adapter import MahexCarrier, check, make
from peyk.adapters.carriers.mahex.client import MahexSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin("mahex", SystemKind.CARRIER, "Mahex, with the key of your contract", MahexSettings, make, check)

__all__ = ["PLUGIN", "MahexCarrier", "MahexSettings"]
