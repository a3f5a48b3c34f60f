"""What the demo shop knows, read as Peyk's own demo adapters read it, for servers that tell it in vendors' shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate
from sqlalchemy import Engine, select

from peyk.adapters.carriers.demo import demo_carriers
from peyk.adapters.demo_shop.database import connected
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.demo_shop.generate import FIRST_NUMBER
from peyk.adapters.demo_shop.tables import orders, payments, shipments
from peyk.adapters.orders.demo import DemoOrders
from peyk.adapters.payments.demo import DemoPayments
from peyk.adapters.storefront.demo import DemoStorefront
from peyk.domain.orders import Order
from peyk.domain.payments import Payment, PaymentState
from peyk.domain.shipments import TrackingEvent
from peyk.domain.shipping import ShippingZone
from peyk.errors import NotFound
from peyk.ports.clock import Clock
from peyk.text.places import load_places
from tests.fakes.carrier_stories import Case, Line, Parcel, story

TEHRAN = ZoneInfo("Asia/Tehran")
# A shop's server has the stories and so many of the further orders: a first fill takes a moment.
FURTHER = 200
DAY = timedelta(days=1)


class OpenGate(FaultGate):
    """Lets everybody pass: what goes wrong is the vendor's server's to decide."""

    def pass_as(self, system: str) -> None:
        return


class Book:
    """The demo shop's book."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        gate = OpenGate(engine)
        self.clock = clock
        self._engine = engine
        self._orders = DemoOrders(engine, gate)
        self._payments = DemoPayments(engine, gate)
        self._storefront = DemoStorefront(engine, gate)
        self._carriers = demo_carriers(engine, clock, gate)

    def marks(self) -> dict[str, tuple[Any, ...]]:
        """Return the orders a shop has, the stories first, each with what changes when it moves on."""
        o, s = orders.c, shipments.c
        with connected(self._engine, "demo_shop") as connection:
            rows = connection.execute(select(o.number, o.status, o.paid_at, o.refund_done_at).order_by(o.number)).all()
            parcels = connection.execute(select(s.order_number, s.code, s.delivered_at).order_by(s.code)).all()
        last = f"TS-{FIRST_NUMBER + FURTHER}"
        found: dict[str, tuple[Any, ...]] = {row.number: tuple(row) for row in rows if row.number < last}
        for parcel in parcels:
            if parcel.order_number in found:
                found[parcel.order_number] += tuple(parcel)
        return found

    def order(self, number: str) -> Order:
        return self._orders.by_number(number)

    def payment(self, number: str) -> Payment | None:
        try:
            return self._payments.inquire(number)
        except NotFound:
            return None

    def unsure_payments(self) -> Iterator[Payment]:
        """Yield what a gateway may be asked about: all but those the shop has verified."""
        query = select(payments.c.order_number).where(payments.c.state != PaymentState.VERIFIED.value)
        with connected(self._engine, "payments") as connection:
            numbers = connection.execute(query).scalars().all()
        for number in numbers:
            if payment := self.payment(number):
                yield payment

    def zones(self) -> list[ShippingZone]:
        return self._storefront.zones()

    def parcel(self, carrier: str, code: str) -> Parcel | None:
        """Return what a carrier of the demo tells of a code."""
        try:
            tracking = self._carriers[carrier].track(code)
        except NotFound:
            return None
        return Parcel([_line(event) for event in tracking.events], tracking.eta)

    def example(self, case: Case) -> Parcel:
        """Return a story of the tests as of these days: its newest scan is of the last 24 hours."""
        lines = story(case)
        if not lines:
            return Parcel([])
        later = self.clock.now() - lines[-1].utc
        shift = later - (later % DAY)
        return Parcel([replace(each, **_when(each.utc + shift)) for each in lines])


def _line(event: TrackingEvent) -> Line:
    place = persian(event.city) if event.city else ""
    return Line(
        status=event.status.value,
        place=place,
        city=event.city,
        words=event.text_fa,
        english=event.text_en,
        **_when(event.at),
    )


def _when(at: datetime) -> dict[str, Any]:
    here = at.astimezone(TEHRAN)
    day = JalaliDate(here.date())
    return {"utc": at, "day": f"{day.year}/{day.month:02}/{day.day:02}", "time": f"{here:%H:%M}"}


@cache
def persian(city: str) -> str:
    """Return a city's Persian name, or the name as it is."""
    return next((place.name_fa for place in load_places() if place.name_en == city), city)
