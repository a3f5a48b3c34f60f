"""17TRACK as a carrier."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peyk.adapters._check import looked
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._moments import UTC_ZONE
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.seventeentrack.client import SeventeenTrackClient, SeventeenTrackSettings
from peyk.adapters.carriers.seventeentrack.mapping import registered_at, to_told
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health
from peyk.errors import NotYet
from peyk.text.tracking_codes import s10_check_digit

PACKAGE = "peyk.adapters.carriers.seventeentrack"
# UPU S10: two letters, eight digits and their check digit, the country.
_S10 = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}", re.ASCII)
PAGE = "https://t.17track.net/en#nums={code}"
# For so long after it was registered, that 17TRACK has nothing says nothing of a code. How long it takes is [K].
SETTLES = timedelta(hours=6)
MOST_REMEMBERED = 10_000
MORE_QUOTA = "its quota is used up: no new code can be followed"


class SeventeenTrackCarrier(VendorCarrier):
    """Asks for codes, and registers those that 17TRACK does not have."""

    def __init__(self, settings: SeventeenTrackSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(settings.carrier, PACKAGE, settings.statuses, parts.unknown)
        super().__init__(settings.carrier, settings, parts, table, pattern=_S10.pattern, page=PAGE)
        self._fields = Fields.load(settings.carrier, PACKAGE, settings.fields, UTC_ZONE)
        self._any_code = bool(settings.pattern)
        self._lock = threading.Lock()
        self._registered: OrderedDict[str, datetime] = OrderedDict()
        self.client = SeventeenTrackClient(settings, parts)

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape; of S10 its check digit must be right, or anybody's slip used up quota."""
        if self._any_code or (match := _S10.fullmatch(code)) is None:
            return super().recognises(code)
        return int(match[2]) == s10_check_digit(match[1])

    def ask(self, code: str) -> Told:
        """Return what 17TRACK says of a code."""
        items = self.client.infos(code)
        if items is None:
            if self.client.register(code):
                self._remember(code)
            items = self.client.infos(code)
        if items is None:
            raise NotYet(self.id, "registered just now")
        return to_told(self.id, items, self._fields, new=self._is_new(code, items))

    def _is_new(self, code: str, items: list[dict[str, Any]]) -> bool:
        since = registered_at(items) or self._registered.get(code)
        return since is not None and self._clock.now() - since < SETTLES

    def _remember(self, code: str) -> None:
        with self._lock:
            self._registered[code] = self._clock.now()
            if len(self._registered) > MOST_REMEMBERED:
                self._registered.popitem(last=False)

    def sample(self) -> str:
        """Ask for the shop's sample alone: a code of nobody would be registered."""
        return super().sample() if self._sample else ""


def make(settings: SeventeenTrackSettings, parts: Parts) -> SeventeenTrackCarrier:
    """Return the carrier. Raises SettingsError."""
    return SeventeenTrackCarrier(settings, parts)


def check(settings: SeventeenTrackSettings, parts: Parts) -> Health:
    """Ask for the quota, and for the shop's sample."""
    carrier = make(settings, parts)
    left: list[int | None] = []

    def look() -> str:
        left.append(carrier.client.quota_left())
        return carrier.sample()

    health = looked(carrier.client.http, look)
    if not left or left[0] is None:
        return health
    spent = MORE_QUOTA if left[0] <= 0 else ""
    return replace(health, quota=f"{left[0]} codes", advice=health.advice or spent)
