"""DHL, by Shipment Tracking – Unified."""

from peyk.adapters.carriers.dhl.adapter import DhlCarrier, check, make
from peyk.adapters.carriers.dhl.client import DhlSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin("dhl", SystemKind.CARRIER, "DHL, with a key of its developer portal", DhlSettings, make, check)

__all__ = ["PLUGIN", "DhlCarrier", "DhlSettings"]
