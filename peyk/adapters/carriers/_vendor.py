"""What the carriers share: settings, the shape of codes, and the way from a code to a tracking answer."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from pathlib import Path

from pydantic import Field

from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told, known_code, to_tracking
from peyk.adapters.plugin import CarrierSettings, Parts
from peyk.domain.shipments import Tracking
from peyk.errors import SettingsError

# An address without a place for the code would answer every code with the same parcel.
WITH_CODE = r"\{code\}"
# Asked for by `peyk doctor` where the shop has given no code of its own: known to nobody.
NOBODYS = "0"


class VendorSettings(CarrierSettings):
    """What the settings of each have, beside those of every carrier."""

    page: str = Field(default="", pattern=f"^$|{WITH_CODE}", description="where people track a parcel, with {code}")
    sample: str = Field(default="", description="a code `peyk doctor` may ask for")


class FieldsSettings(VendorSettings):
    """Settings of those whose answers are read by a table of fields."""

    fields: Path | None = Field(default=None, description="your own file of the names of fields (docs/carriers.md)")


class VendorCarrier(ABC):
    """One vendor (the port `Carrier`); a subclass asks it."""

    def __init__(
        self, carrier: str, settings: VendorSettings, parts: Parts, table: StatusTable, *, pattern: str, page: str
    ) -> None:
        """Take the adapter's own pattern and page, for where the settings have none. Raises SettingsError."""
        self.id = carrier
        self._address = settings.page or page
        self._sample = settings.sample
        self._table = table
        self._clock = parts.clock
        try:
            self._pattern = re.compile(settings.pattern or pattern, re.ASCII)
        except re.error:
            raise SettingsError(f"the pattern of {carrier} is no regular expression") from None

    @abstractmethod
    def ask(self, code: str) -> Told:
        """Return what the vendor says of a code that may stand in an address."""

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes; no I/O."""
        return self._pattern.fullmatch(code) is not None

    def page(self, code: str) -> str:
        """Return the page where people see a parcel for themselves; no I/O."""
        return self._address.replace("{code}", code)

    def track(self, code: str) -> Tracking:
        """Return what the carrier says now. Raises what the port says."""
        plain = known_code(self.id, code)
        told = self.ask(plain)
        at = self._clock.now()
        return to_tracking(told, self._table, carrier=self.id, code=code, as_of=at, url=self.page(plain))

    def sample(self) -> str:
        """Ask for the shop's sample, or for a code nobody has; return what was read. Raises what `track` does."""
        if not self._sample:
            self.ask(NOBODYS * 12)
            return ""
        return f"{self._sample} is {self.track(self._sample).status.value}"
