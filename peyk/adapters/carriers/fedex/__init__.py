"""FedEx, by its Track API."""

from peyk.adapters.carriers.fedex.adapter import FedexCarrier, check, make
from peyk.adapters.carriers.fedex.client import FedexSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin("fedex", SystemKind.CARRIER, "FedEx, with a project of its portal", FedexSettings, make, check)

__all__ = ["PLUGIN", "FedexCarrier", "FedexSettings"]
