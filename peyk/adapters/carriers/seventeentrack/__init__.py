"""17TRACK, which asks many carriers: for those that have no adapter of their own."""

from peyk.adapters.carriers.seventeentrack.adapter import SeventeenTrackCarrier, check, make
from peyk.adapters.carriers.seventeentrack.client import SeventeenTrackSettings
from peyk.adapters.plugin import Plugin, SystemKind

PLUGIN = Plugin(
    "17track", SystemKind.CARRIER, "17TRACK, for international parcels of any post", SeventeenTrackSettings, make, check
)

__all__ = ["PLUGIN", "SeventeenTrackCarrier", "SeventeenTrackSettings"]
