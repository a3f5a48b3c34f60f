"""What Magento alone has: states and a shop's own statuses, searches that repeat their last page, tracks, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from peyk.adapters.orders import magento
from peyk.domain.money import Money
from peyk.domain.orders import OrderStatus
from peyk.domain.payments import PaymentState
from peyk.domain.systems import Health
from peyk.errors import BadAnswer, SettingsError
from tests.contract.shop_subjects import Subject, Unknown, magento_subject, parts
from tests.contract.test_shop_feeds import ids, passed
from tests.fakes.magento import CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, FakeMagento
from tests.fakes.vendor_http import Answer, Call
from tests.unit.services.fakes import NOW, FakeClock


@pytest.fixture
def subject() -> Iterator[Subject]:
    with magento_subject() as made:
        yield made


@pytest.fixture
def shop(subject: Subject) -> FakeMagento:
    assert isinstance(subject.server, FakeMagento)
    return subject.server


def checked(server: FakeMagento, **changes: Any) -> Health:
    own = magento.MagentoSettings(**{"url": server.url, "token": TOKEN, "_env_file": None, **changes})
    return magento.PLUGIN.check(own, parts(FakeClock(), Unknown()))


def test_an_order_as_the_api_writes_it(subject: Subject, shop: FakeMagento) -> None:
    shop.add()
    found = subject.feed.one("7")
    assert (found.source_id, found.order.number) == ("7", "000000123")
    assert (found.email, found.order.customer_name, found.order.city) == ("sara@example.com", "Sara Sample", "Tehran")
    assert found.order.address == "1 Sample St, Flat 2"
    assert found.order.total == Money(12_000, "EUR")
    assert [(item.title_en, item.quantity, item.price) for item in found.order.items] == [
        ("Headphones", 2, Money(6_000, "EUR"))
    ]
    assert found.payment is not None
    assert (found.payment.state, found.payment.ref_id) == (PaymentState.VERIFIED, "T-1")


@pytest.mark.parametrize(
    ("state", "paid", "status"),
    [
        ("new", 0, OrderStatus.AWAITING_PAYMENT),
        ("new", 120, OrderStatus.PREPARING),
        ("pending_payment", None, OrderStatus.AWAITING_PAYMENT),
        ("payment_review", 0, OrderStatus.ON_HOLD),
        ("processing", 120, OrderStatus.PREPARING),
        ("complete", 120, OrderStatus.SHIPPED),
        ("closed", 120, OrderStatus.REFUNDED),
        ("canceled", 0, OrderStatus.CANCELLED),
        ("holded", 120, OrderStatus.ON_HOLD),
        ("eaten", 120, OrderStatus.PAID),
    ],
)
def test_the_state_is_read_not_the_status(
    subject: Subject, shop: FakeMagento, state: str, paid: object, status: OrderStatus
) -> None:
    shop.add(state=state, total_paid=paid)
    assert subject.feed.one("7").order.status is status
    assert subject.unknown.codes == (["eaten"] if state == "eaten" else [])


def test_paid_at_the_door_is_prepared_without_money(subject: Subject, shop: FakeMagento) -> None:
    shop.add(state="new", total_paid=None, payment={"method": "cashondelivery"})
    found = subject.feed.one("7")
    assert (found.order.status, found.order.paid_at, found.payment) == (OrderStatus.PREPARING, None, None)


def test_a_shops_own_statuses_say_more_where_it_says_what_they_mean(tmp_path: Path) -> None:
    file = tmp_path / "tables.yml"
    file.write_text("words: {with_the_customer: delivered}\n", encoding="utf-8")
    with magento_subject(tables=file) as subject:
        assert isinstance(subject.server, FakeMagento)
        subject.server.add(state="complete", status="with_the_customer")
        assert subject.feed.one("7").order.status is OrderStatus.DELIVERED
    file.write_text("words: {x: eaten}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="must be one of"), magento_subject(tables=file):
        pass


SIGNED = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "token_secret": TOKEN_SECRET}


def test_a_shop_that_takes_no_bearer_is_asked_with_signatures() -> None:
    with magento_subject(**SIGNED) as subject:
        assert isinstance(subject.server, FakeMagento)
        subject.server.bearer = False
        made = {subject.place("09121234567", NOW) for _ in range(12)}
        subject.ship(min(made), "A1")
        assert ids(passed(subject.feed)) == made
        # Its date has a space in it.
        assert ids(passed(subject.feed, NOW - timedelta(hours=1))) == made
        assert [ref.tracking_code for ref in subject.feed.one(min(made)).order.shipments] == ["A1"]
        assert checked(subject.server, **SIGNED).well
        wrong = checked(subject.server, **{**SIGNED, "token_secret": "other"})
        assert (wrong.credentials, "signature is refused" in wrong.advice) == (False, True)
        unsigned = checked(subject.server)
        assert (unsigned.credentials, "PEYK_MAGENTO_CONSUMER_KEY" in unsigned.advice) == (False, True)


@pytest.mark.parametrize("missing", list(SIGNED))
def test_half_of_what_signs_is_a_mistake(missing: str) -> None:
    given = {name: value for name, value in SIGNED.items() if name != missing}
    plain: dict[str, Any] = {"url": "https://shop.example", "token": TOKEN, "_env_file": None, **given}
    own = magento.MagentoSettings(**plain)
    with pytest.raises(SettingsError, match=f"PEYK_MAGENTO_{missing.upper()}: must be set"):
        magento.PLUGIN.make(own, parts(FakeClock(), Unknown()))


def test_every_track_is_a_parcel_the_first_that_left_first(subject: Subject, shop: FakeMagento) -> None:
    for _ in range(3):
        shop.add()
    shop.ship(8, "A1", "B2")
    shop.ship(8, "C3", carrier="custom", title="FedEx")
    shop.change(8, state="processing")
    found = subject.feed.one("8").order
    assert [(ref.carrier, ref.tracking_code) for ref in found.shipments] == [
        ("dhl", "A1"), ("dhl", "B2"), ("fedex", "C3"),
    ]  # fmt: skip
    assert found.status is OrderStatus.SHIPPED
    assert not subject.feed.one("7").order.shipments


def test_more_shipments_than_one_search_brings(subject: Subject, shop: FakeMagento) -> None:
    shop.add()
    shop.ship(7, *(f"CODE{i}" for i in range(230)))
    assert len(subject.feed.one("7").order.shipments) == 230


def test_the_last_page_that_is_repeated_ends_a_pass(subject: Subject, shop: FakeMagento) -> None:
    made = {str(shop.add()["entity_id"]) for _ in range(20)}
    pages = passed(subject.feed)
    assert ids(pages) == made
    assert [len(page.orders) for page in pages] == [10, 10]


def test_a_server_that_ignores_ranges_is_found_out(subject: Subject, shop: FakeMagento) -> None:
    for _ in range(12):
        shop.add()
    cursor = subject.feed.page(None, None).cursor
    search = shop._search

    def ignoring(call: Call, rows: list[Any]) -> Answer:
        kept = {name: value for name, value in call.query.items() if "filterGroups" not in name}
        return search(Call(call.method, call.path, kept, call.raw, call.headers), rows)

    shop._search = ignoring  # type: ignore[method-assign]
    with pytest.raises(BadAnswer, match="range of ids"):
        subject.feed.page(None, cursor)


def test_what_went_back_is_told(subject: Subject, shop: FakeMagento) -> None:
    shop.add(total_refunded=20.5)
    refund = subject.feed.one("7").order.refund
    assert refund is not None
    assert (refund.amount, refund.started_at) == (Money(2_050, "EUR"), NOW)


def test_the_doctor_explains_what_tokens_need_since_2_4_4(shop: FakeMagento) -> None:
    shop.add()
    health = checked(shop)
    assert (health.well, health.sample) == (True, "order 000000123 of 1")
    shop.bearer = False
    health = checked(shop)
    assert health.credentials is False
    assert "enable_integration_as_bearer" in health.advice
    assert TOKEN not in health.advice
    shop.bearer = True
    assert checked(shop, api="/rest/V9").advice.startswith("there is nothing at this address")
