"""A vendor whose answer to one call is read by a table of fields: what is left to it are its facts, client, mapping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from peyk.adapters._check import looked
from peyk.adapters._http import Http
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._moments import TEHRAN
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import FieldsSettings, VendorCarrier
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

Read = Callable[[str, Any, Fields], Told]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is a vendor's own: the package of its tables, the shape of its codes, where people track, zone, language."""

    package: str
    pattern: str
    page: str
    zone: ZoneInfo = TEHRAN
    persian: bool = True


class AsksForCodes(Protocol):
    """A vendor's client."""

    http: Http

    def track(self, code: str) -> Any:
        """Return the answer for a code. Raises what Http does."""
        ...


class FieldsCarrier(VendorCarrier):
    """Asks a client, and reads what it answers."""

    def __init__(
        self, carrier: str, facts: Facts, settings: FieldsSettings, parts: Parts, client: AsksForCodes, read: Read
    ) -> None:
        """Read the tables; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(carrier, facts.package, settings.statuses, parts.unknown, persian=facts.persian)
        super().__init__(carrier, settings, parts, table, pattern=facts.pattern, page=facts.page)
        self._fields = Fields.load(carrier, facts.package, settings.fields, facts.zone)
        self._read = read
        self.client = client

    def ask(self, code: str) -> Told:
        """Return what the vendor says of a code. Raises what Http and its mapping do."""
        return self._read(self.id, self.client.track(code), self._fields)

    def health(self, *, credentials: bool = True) -> Health:
        """Ask for a code, with whatever that needs. Raises no ExternalError."""
        return looked(self.client.http, self.sample, credentials=credentials)
