"""Carrier: the demo's carriers and the fake answer alike."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from peyk.adapters.carriers.demo import demo_carriers
from peyk.adapters.demo_shop.faults import CARRIERS, FaultGate
from peyk.domain.shipments import DeliveryStatus
from peyk.errors import NotFound
from peyk.ports import Carrier
from tests.unit.services.fakes import FakeCarrier, FakeClock, tracking


@pytest.fixture
def carrier(subject_shop: Engine | None, clock: FakeClock) -> Carrier:
    if subject_shop:
        return demo_carriers(subject_shop, clock, FaultGate(subject_shop))["post"]
    fake = FakeCarrier("post")
    fake.answers["TRK-88392011"] = tracking()
    return fake


def test_a_parcel_that_is_under_way(carrier: Carrier, clock: FakeClock) -> None:
    found = carrier.track("TRK-88392011")
    assert (found.carrier, found.code, found.status) == ("post", "TRK-88392011", DeliveryStatus.IN_TRANSIT)
    assert found.as_of == clock.now()
    assert found.stale is False
    assert "TRK-88392011" in found.url
    assert found.last_event is not None
    assert found.last_event.text("fa") == "تحویل به مرکز مبادلات"
    assert list(found.events) == sorted(found.events, key=lambda event: event.at)


def test_a_code_the_carrier_does_not_know(carrier: Carrier) -> None:
    with pytest.raises(NotFound) as caught:
        carrier.track("TRK-00000000")
    assert caught.value.system == carrier.id == "post"


def test_codes_are_recognised_by_their_shape(carrier: Carrier) -> None:
    assert carrier.recognises("TRK-88392011")
    assert not carrier.recognises("hello")
    assert not carrier.recognises("")


@pytest.mark.parametrize(
    ("code", "carriers"),
    [
        ("TRK-88392011", {"post"}),
        ("104175001234567890123456", {"post"}),
        ("12345678901234567890", {"post"}),
        ("RR123456785IR", {"post"}),
        ("110418020260000104180", {"tipax"}),
        ("1234567890", {"dhl"}),
        ("TRK-70104190", {"post", "chapar"}),
        ("TRK-60000001", {"post", "mahex"}),
        ("TRK-90104210", {"post", "courier"}),
        ("TS-104233", set()),
        ("104233", set()),
        ("09121234567", set()),
        ("TRK-88392011\n", set()),
        ("۱۲۳۴۵۶۷۸۹۰", set()),
    ],
)
def test_each_demo_carrier_has_its_own_codes(shop: Engine, clock: FakeClock, code: str, carriers: set[str]) -> None:
    all_of_them = demo_carriers(shop, clock, FaultGate(shop))
    assert tuple(all_of_them) == CARRIERS
    assert {name for name, each in all_of_them.items() if each.recognises(code)} == carriers


@pytest.mark.parametrize(
    ("carrier_id", "code", "page"),
    [
        ("post", "TRK-88392011", "https://tracking.post.ir/?id=TRK-88392011"),
        ("tipax", "110418020260000104180", "https://tipaxco.com/tracking?id=110418020260000104180"),
        ("chapar", "TRK-70104190", "https://chaparnet.com/track/TRK-70104190"),
        ("dhl", "1234567890", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=1234567890"),
        ("courier", "TRK-90104210", ""),
    ],
)
def test_each_demo_carrier_has_its_own_page(
    shop: Engine, clock: FakeClock, carrier_id: str, code: str, page: str
) -> None:
    assert demo_carriers(shop, clock, FaultGate(shop))[carrier_id].track(code).url == page
