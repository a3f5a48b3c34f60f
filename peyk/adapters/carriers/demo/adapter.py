"""The demo's carriers: all read the same table, each has its own codes, page and faults."""

from __future__ import annotations

import re
from importlib.resources import files

import yaml
from sqlalchemy import Engine, bindparam, select

from peyk.adapters.carriers.demo.mapping import to_tracking
from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.tables import parcels
from peyk.domain.shipments import Tracking
from peyk.errors import NotFound
from peyk.ports.clock import Clock

# Built once: to build it costs more than to run it.
_PARCEL = select(parcels).where(parcels.c.carrier == bindparam("its_carrier"), parcels.c.code == bindparam("its_code"))


class DemoCarrier:
    """One carrier of the demo (the port `Carrier`)."""

    def __init__(self, carrier: str, pattern: str, url: str, *, engine: Engine, clock: Clock, gate: FaultGate) -> None:
        self.id = carrier
        self._pattern = re.compile(pattern, re.ASCII)
        self._url = url
        self._engine = engine
        self._clock = clock
        self._gate = gate

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes; no I/O."""
        return self._pattern.fullmatch(code) is not None

    def page(self, code: str) -> str:
        """Return the page where people see a parcel for themselves; no I/O."""
        return self._url.format(code=code)

    def track(self, code: str) -> Tracking:
        """Return what the carrier says now. Raises NotFound, or the fault that is switched on."""
        self._gate.pass_as(self.id)
        with connected(self._engine, self.id) as connection:
            row = connection.execute(_PARCEL, {"its_carrier": self.id, "its_code": code}).one_or_none()
        if row is None:
            raise NotFound(self.id)
        return to_tracking(row, self._clock.now(), self.page(code))


def demo_carriers(engine: Engine, clock: Clock, gate: FaultGate) -> dict[str, DemoCarrier]:
    """Return the demo's carriers by id."""
    text = files("peyk.adapters.carriers.demo").joinpath("carriers.yml").read_text(encoding="utf-8")
    facts: dict[str, dict[str, str]] = yaml.safe_load(text)
    return {
        name: DemoCarrier(name, fact["pattern"], fact["url"], engine=engine, clock=clock, gate=gate)
        for name, fact in facts.items()
    }
