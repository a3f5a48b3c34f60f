"""Who a conversation's customer is: no more than was proven, and no less for a shop that is away."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from peyk.domain.contacts import Tag, Tagged
from peyk.domain.identity import Verification
from peyk.domain.queues import Priority
from peyk.domain.tickets import TicketReason
from peyk.errors import Unavailable
from peyk.services.customers import ShowCustomer
from tests.unit.services.fakes import MOBILE, NOW, FakeClock, FakeHelpdesk, FakeOrders, order


class Proofs:
    """Proofs by conversation."""

    def __init__(self) -> None:
        self.kept: dict[str, Verification] = {}

    def grant(self, verification: Verification) -> None:
        self.kept[verification.conversation_id] = verification

    def current(self, conversation_id: str, now: object) -> Verification | None:
        return self.kept.get(conversation_id)


class Tags:
    """A contact of MOBILE with three tags of two kinds (the port `Contacts`)."""

    def is_tagged(self, tagged: Tagged) -> bool:
        return False

    def add(self, tagged: Tagged) -> bool:
        return True

    def of(self, mobile: str, limit: int) -> list[Tagged]:
        reasons = (("stalled", Tag.DELAY), ("lost", Tag.LOST), ("late", Tag.DELAY))
        return [Tagged(mobile, "TS-104233", reason, tag, NOW) for reason, tag in reasons if mobile == MOBILE]

    def untold(self, since: datetime, limit: int) -> list[Tagged]:
        return []

    def told(self, tagged: Tagged) -> None:
        raise AssertionError


@pytest.fixture
def shop() -> FakeOrders:
    orders = FakeOrders()
    orders.orders = [order(), order("TS-104180", vip=True), order("TS-1", mobile="09351112233")]
    return orders


@pytest.fixture
def show(shop: FakeOrders) -> ShowCustomer:
    clock, proofs = FakeClock(), Proofs()
    helpdesk = FakeHelpdesk(clock)
    proofs.grant(Verification("c1", MOBILE, "otp", NOW + timedelta(minutes=30)))
    for here in ("c1", "c2"):
        more = {"order_number": None, "mobile": None, "note": "", "priority": Priority.NORMAL}
        helpdesk.open(conversation_id=here, reason=TicketReason.LATE, **more)  # type: ignore[arg-type]
    return ShowCustomer(verifications=proofs, orders=shop, helpdesk=helpdesk, contacts=Tags(), clock=clock)


def test_a_proven_mobile_brings_orders_name_and_tier(show: ShowCustomer) -> None:
    customer = show.of("c1")
    assert (customer.mobile, customer.name, customer.vip) == (MOBILE, "سارا نمونه", True)
    assert [each.number for each in customer.orders] == ["TS-104233", "TS-104180"]
    assert customer.tags == (Tag.DELAY, Tag.LOST)
    assert [each.conversation_id for each in customer.tickets] == ["c1"]


def test_without_a_proof_the_shop_is_not_asked(show: ShowCustomer, shop: FakeOrders) -> None:
    customer = show.of("c2")
    assert (customer.mobile, customer.name, customer.orders) == (None, "", ())
    assert [each.conversation_id for each in customer.tickets] == ["c2"]
    assert shop.calls == 0


def test_a_shop_that_is_away_takes_nothing_else_away(show: ShowCustomer, shop: FakeOrders) -> None:
    shop.error = Unavailable("shop")
    customer = show.of("c1")
    assert customer.unavailable
    assert customer.mobile == MOBILE
    assert customer.tickets
