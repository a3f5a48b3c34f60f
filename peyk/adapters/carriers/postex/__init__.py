"""Postex, which sends by several carriers."""

from peyk.adapters.carriers.postex.adapter import PostexCarrier, check, make
from peyk.adapters.carriers.postex.client import PostexSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin("postex", SystemKind.CARRIER, "Postex, with or without a business key", PostexSettings, make, check)

__all__ = ["PLUGIN", "PostexCarrier", "PostexSettings"]
