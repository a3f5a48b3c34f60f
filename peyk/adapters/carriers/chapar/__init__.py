"""Chapar, by the web service of a shop's contract."""

from peyk.adapters.carriers.chapar.adapter import ChaparCarrier, check, make
from peyk.adapters.carriers.chapar.client import ChaparSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin("chapar", SystemKind.CARRIER, "Chapar, with the account of your contract", ChaparSettings, make, check)

__all__ = ["PLUGIN", "ChaparCarrier", "ChaparSettings"]
