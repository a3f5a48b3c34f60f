"""From WooCommerce's words to ours: literal orders of the API, plugins' meta keys, Iran's currencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from peyk.adapters.orders._reading import Unreadable
from peyk.adapters.orders._tables import ShopTables
from peyk.adapters.orders.woocommerce import adapter
from peyk.adapters.orders.woocommerce.mapping import Rules, to_order
from peyk.domain.money import Money
from peyk.domain.orders import Order, OrderStatus, ShipmentRef
from peyk.domain.payments import PaymentState
from peyk.errors import AccessRefused, SettingsError, Unavailable
from tests.contract.shop_subjects import Subject, Unknown, parts, woo_settings, woocommerce_subject
from tests.contract.test_shop_feeds import ids, passed
from tests.fakes.vendor_http import Fault
from tests.fakes.woocommerce import SECRET, FakeWooCommerce
from tests.unit.services.fakes import NOW, FakeClock

PACKAGE = "peyk.adapters.orders.woocommerce"
CODE = "123456789012345678901234"
SHIPPED_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
Json = dict[str, Any]
WRONG: list[object] = [None, {"was": 1}, [], True]
NOTHING: list[object] = [None, []]
PERSIAN = "\u06f0\u06f9\u06f1\u06f2\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7"


@pytest.fixture
def unknown() -> Unknown:
    return Unknown()


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(FakeClock().now) as running:
        yield running


@pytest.fixture
def rules(unknown: Unknown) -> Rules:
    return Rules(ShopTables.load("woocommerce", PACKAGE, None, unknown), "post", 7)


def own(tmp_path: Path, text: str, unknown: Unknown) -> Rules:
    file = tmp_path / "tables.yml"
    file.write_text(text, encoding="utf-8")
    return Rules(ShopTables.load("woocommerce", PACKAGE, file, unknown), "", 7)


def read(shop: FakeWooCommerce, rules: Rules, **changes: Any) -> Order:
    return to_order(shop.add(**changes), rules).order


def meta(**values: Any) -> list[Json]:
    return [{"id": i, "key": key, "value": value} for i, (key, value) in enumerate(values.items())]


def test_an_order_as_the_api_writes_it(shop: FakeWooCommerce, rules: Rules) -> None:
    found = to_order(shop.add(), rules)
    order = found.order
    assert (found.source_id, order.number) == ("1001", "TS-104200")
    assert (found.email, order.mobile, order.city) == ("sara@example.com", "09121234567", "Tehran")
    assert (order.placed_at, order.paid_at, found.changed_at) == (NOW, NOW, NOW)
    assert (order.status, order.total, order.items[0].price) == (
        OrderStatus.PREPARING,
        Money.rial(12_500_000),
        Money.rial(12_500_000),
    )
    assert (order.items[0].sku, order.items[0].quantity) == ("HP-1", 1)
    assert found.payment is not None
    assert (found.payment.state, found.payment.ref_id, found.payment.amount) == (
        PaymentState.VERIFIED, "A-771", Money.rial(12_500_000),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("phone", "mobile"),
    [
        ("09121234567", "09121234567"), ("+98 912 123 4567", "09121234567"), ("00989121234567", "09121234567"),
        ("989121234567", "09121234567"), ("9121234567", "09121234567"), (PERSIAN, "09121234567"),
        ("0912-123-4567 ", "09121234567"), ("+44 7700 900123", "+447700900123"), ("02188776655", ""), ("", ""),
        (None, ""), ("no", ""), ({"was": "x"}, ""),
    ],
)  # fmt: skip
def test_mobiles_however_they_were_written(shop: FakeWooCommerce, rules: Rules, phone: object, mobile: str) -> None:
    assert read(shop, rules, billing={"phone": phone}).mobile == mobile


@pytest.mark.parametrize(
    ("currency", "total", "rial"),
    [
        ("IRR", "12500000", 12_500_000), ("IRT", "1250000.00", 12_500_000), ("IRHR", "12500", 12_500_000),
        ("IRHT", "1250", 12_500_000), ("irt", "0.05", 1), ("IRT", 1250000, 12_500_000),
    ],
)  # fmt: skip
def test_money_is_rial(
    shop: FakeWooCommerce, rules: Rules, unknown: Unknown, currency: str, total: object, rial: int
) -> None:
    assert read(shop, rules, currency=currency, total=total).total == Money.rial(rial)
    assert unknown.codes == []


@pytest.mark.parametrize(("currency", "amount"), [("EUR", 1200), ("usd", 1200), ("JPY", 12), ("KWD", 12_000)])
def test_other_currencies_stay_what_they_are(shop: FakeWooCommerce, rules: Rules, currency: str, amount: int) -> None:
    found = read(shop, rules, currency=currency, total="12.00")
    assert found.total == Money(amount, currency.upper())
    assert found.items[0].price.currency == currency.upper()


def test_an_amount_of_nobody_knows_what_is_not_read(shop: FakeWooCommerce, rules: Rules, unknown: Unknown) -> None:
    with pytest.raises(Unreadable):
        read(shop, rules, currency="GOLD")
    assert unknown.codes == ["currency GOLD"]


@pytest.mark.parametrize(
    ("status", "paid", "ours"),
    [
        ("pending", False, OrderStatus.AWAITING_PAYMENT), ("failed", False, OrderStatus.AWAITING_PAYMENT),
        ("on-hold", False, OrderStatus.AWAITING_PAYMENT), ("on-hold", True, OrderStatus.ON_HOLD),
        ("processing", True, OrderStatus.PREPARING), ("processing", False, OrderStatus.PREPARING),
        ("completed", True, OrderStatus.SHIPPED), ("wc-shipped", True, OrderStatus.SHIPPED),
        ("cancelled", False, OrderStatus.CANCELLED), ("refunded", True, OrderStatus.REFUNDED),
        ("delivered", True, OrderStatus.DELIVERED),
    ],
)  # fmt: skip
def test_statuses(shop: FakeWooCommerce, rules: Rules, status: str, paid: bool, ours: OrderStatus) -> None:
    date = "2026-11-20T10:00:00" if paid else None
    assert read(shop, rules, status=status, date_paid_gmt=date).status is ours


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({"meta_data": meta(_tracking_number=CODE)}, OrderStatus.SHIPPED),
        ({"date_completed_gmt": "2026-11-20T10:00:00"}, OrderStatus.SHIPPED),
        ({}, OrderStatus.PAID),
        ({"date_paid_gmt": None}, OrderStatus.AWAITING_PAYMENT),
    ],
)
def test_a_status_nobody_knows_is_counted_and_dates_speak(
    shop: FakeWooCommerce, rules: Rules, unknown: Unknown, changes: Json, ours: OrderStatus
) -> None:
    assert read(shop, rules, status="in-the-oven", **changes).status is ours
    assert unknown.codes == ["in-the-oven"]


AST = {"tracking_provider": "Tipax", "tracking_number": CODE, "date_shipped": "1795168800"}


@pytest.mark.parametrize(
    ("values", "carrier", "at"),
    [
        ({"_wc_shipment_tracking_items": [AST]}, "tipax", datetime.fromtimestamp(1795168800, UTC)),
        ({"_wc_shipment_tracking_items": [{**AST, "custom_tracking_provider": "\u067e\u0633\u062a"}]}, "post", None),
        ({"_wc_shipment_tracking_items": {"0": AST}}, "tipax", None),
        (
            {"_wc_shipment_tracking_items": f'[{{"tracking_number": "{CODE}", "tracking_provider": "DHL"}}]'},
            "dhl",
            None,
        ),
        ({"_aftership_tracking_items": [{"slug": "iran-post", "tracking_number": CODE}]}, "post", None),
        ({"ywot_tracking_code": CODE, "ywot_carrier_name": "Chapar"}, "chapar", None),
        ({"ywot_tracking_code": CODE, "ywot_pick_up_date": "2026-11-20"}, "post", datetime(2026, 11, 20, tzinfo=UTC)),
        ({"_tracking_number": f" {CODE[:12]} {CODE[12:]} "}, "post", None),
        ({"tracking_column": int(CODE), "tracking_type": "\u062a\u06cc\u067e\u0627\u06a9\u0633"}, "tipax", None),
    ],
)
def test_codes_where_plugins_write_them(
    shop: FakeWooCommerce, rules: Rules, values: Json, carrier: str, at: datetime | None
) -> None:
    order = read(shop, rules, meta_data=meta(**values))
    assert [(ref.carrier, ref.tracking_code) for ref in order.shipments] == [(carrier, CODE)]
    if at is not None:
        assert order.shipments[0].shipped_at == at


def test_several_parcels_are_several(shop: FakeWooCommerce, rules: Rules) -> None:
    items = [AST, {**AST, "tracking_number": "\u06f2" * 21}, {**AST, "tracking_number": ""}, "nonsense"]
    values = meta(_wc_shipment_tracking_items=items, _tracking_number=f"{CODE}\u060c RR123456785IR")
    codes = [ref.tracking_code for ref in read(shop, rules, meta_data=values).shipments]
    assert codes == [CODE, "2" * 21, "RR123456785IR"]


def test_a_carrier_nobody_knows_is_counted_and_the_shops_own_is_taken(
    shop: FakeWooCommerce, rules: Rules, unknown: Unknown
) -> None:
    order = read(shop, rules, meta_data=meta(_wc_shipment_tracking_items=[{**AST, "tracking_provider": "Bolt"}]))
    assert order.shipments[0].carrier == "post"
    assert unknown.codes == ["Bolt"]


def test_a_shops_own_tables(shop: FakeWooCommerce, unknown: Unknown, tmp_path: Path) -> None:
    rules = own(
        tmp_path,
        """
statuses: {in-the-oven: preparing, completed: {status: delivered}}
currencies: {TMN: 10}
carriers: {bolt: courier}
tracking: {my_code: {carrier: [my_carrier]}, _tracking_number: }
""",
        unknown,
    )
    values = meta(my_code=CODE, my_carrier="Bolt", _tracking_number="9" * 20)
    order = read(shop, rules, status="completed", currency="TMN", meta_data=values)
    assert (order.status, order.total) == (OrderStatus.DELIVERED, Money.rial(12_500_000))
    assert order.shipments == (ShipmentRef("courier", CODE, NOW),)
    assert read(shop, rules, status="in-the-oven").status is OrderStatus.PREPARING
    assert unknown.codes == []


@pytest.mark.parametrize(
    "text", ["statuses: {x: gone}", "currencies: {TMN: ten}", "- a", "statuses: [a]", "a: b: c", "statuses: {x: {}}"]
)
def test_tables_that_cannot_be_are_refused(unknown: Unknown, tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError):
        own(tmp_path, text, unknown)


def test_payments(shop: FakeWooCommerce, rules: Rules) -> None:
    def state(**changes: Any) -> PaymentState | None:
        payment = to_order(shop.add(**{"date_paid_gmt": None, **changes}), rules).payment
        return payment.state if payment is not None else None

    assert state(status="failed") is PaymentState.FAILED
    assert state(status="pending") is PaymentState.UNPAID
    assert state(status="on-hold") is PaymentState.UNPAID
    assert state(status="processing", payment_method="cod") is None
    assert state(status="pending", payment_method="cod") is None
    assert state(status="refunded", date_paid_gmt="2026-11-20T10:00:00") is PaymentState.VERIFIED


def test_refunds_have_the_date_of_their_own_list() -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        order = subject.server.add(status="refunded", refunds=[{"id": 9, "reason": "", "total": "-250000.00"}])
        assert subject.feed.one("1001").order.refund is not None
        subject.server.refund_rows[order["id"]] = [{"id": 9, "date_created_gmt": "2026-11-19T10:00:00"}]
        refund = subject.feed.one("1001").order.refund
        assert refund is not None
        assert (refund.amount, refund.started_at) == (Money.rial(2_500_000), datetime(2026, 11, 19, 10, tzinfo=UTC))
        assert refund.due_at - refund.started_at == timedelta(days=7)
        assert refund.done_at is None


REFUNDED: Json = {"status": "refunded", "refunds": [{"id": 9, "total": "-250000"}]}


def started(subject: Subject) -> list[datetime]:
    refunds = [each.order.refund for each in subject.feed.page(None, None).orders]
    return [refund.started_at for refund in refunds if refund is not None]


def test_a_page_of_refunds_takes_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "REFUND_DATES_S", 0.0)
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        for _ in range(9):
            order = subject.server.add(**REFUNDED)
            subject.server.refund_rows[order["id"]] = [{"id": 9, "date_created_gmt": "2026-11-19T10:00:00"}]
        assert started(subject) == [NOW] * 9
        assert subject.server.made("GET", "/refunds") == []
        refund = subject.feed.one("1001").order.refund
        assert refund is not None
        assert refund.started_at == datetime(2026, 11, 19, 10, tzinfo=UTC)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.RESET, Fault.SLOW])
def test_a_refund_that_is_not_told_costs_no_page(fault: Fault) -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        for _ in range(3):
            subject.server.add(**REFUNDED)
        subject.server.fail(fault, part="/refunds", times=9)
        assert started(subject) == [NOW] * 3
        assert len(subject.server.made("GET", "/refunds")) == 1
        assert subject.feed.one("1001").order.refund is not None


@pytest.mark.parametrize(
    "field", ["id", "number", "status", "currency", "total", "date_created_gmt", "date_modified_gmt"]
)
@pytest.mark.parametrize("value", WRONG)
def test_what_has_to_be_there_has_to_be_right(shop: FakeWooCommerce, rules: Rules, field: str, value: object) -> None:
    order = shop.add()
    order[field] = value
    with pytest.raises(Unreadable):
        to_order(order, rules)


@pytest.mark.parametrize("field", ["line_items", "refunds", "billing", "meta_data", "shipping_lines"])
def test_what_is_not_there_is_not_there(shop: FakeWooCommerce, rules: Rules, field: str) -> None:
    # PHP writes an empty object as a list.
    for value in NOTHING:
        order = shop.add()
        order[field] = value
        assert to_order(order, rules).order.number == order["number"]


def test_a_host_that_drops_the_header_is_asked_with_the_query() -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.drops_authorization = True
        with pytest.raises(AccessRefused):
            subject.feed.page(None, None)
    with woocommerce_subject(auth="query") as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.drops_authorization = True
        assert subject.feed.page(None, None).orders == ()


def test_a_shop_that_sees_plain_http_is_asked_with_signatures() -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.sees_plain_http = True
        with pytest.raises(AccessRefused):
            subject.feed.page(None, None)
    with woocommerce_subject(auth="oauth") as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.sees_plain_http = True
        made = [subject.place("09121234567", NOW) for _ in range(12)]
        pages = passed(subject.feed)
        assert sorted(ids(pages)) == sorted(made)
        assert passed(subject.feed, NOW - timedelta(hours=1))
        assert SECRET not in str([call.queries for call in subject.server.calls])
        # Sent again it has a time and a word of its own.
        subject.server.fail(Fault.SERVER_ERROR, times=1)
        with pytest.raises(Unavailable):
            subject.feed.one(made[0])
        assert subject.feed.one(made[0]).source_id == made[0]


def test_keys_do_not_travel_unprotected() -> None:
    from peyk.adapters.orders.woocommerce import PLUGIN

    with pytest.raises(SettingsError, match="https://"):
        PLUGIN.make(woo_settings("http://shop.example"), parts(FakeClock(), Unknown()))
    PLUGIN.make(woo_settings("http://10.0.0.5"), parts(FakeClock(), Unknown(), allow_http=True))


@pytest.mark.parametrize("note", [10, 500_000])
def test_a_host_that_drops_totals_and_hides_its_trash_is_read_all_the_same(note: int) -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.drops_total, subject.server.shows_trash = True, False
        for _ in range(30):
            subject.server.add(meta_data=meta(_note="x" * note))
        found, cursor = set(), None
        while True:
            page = subject.feed.page(None, cursor)
            found |= {each.source_id for each in page.orders}
            cursor = page.cursor
            if cursor is None:
                break
        assert len(found) == 30


def test_orders_too_large_for_one_answer_are_read_in_smaller_ones() -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        for _ in range(8):
            subject.server.add(meta_data=meta(_note="x" * 500_000))
        page = subject.feed.page(None, None)
        assert 0 < len(page.orders) < 8
        assert page.total == 8


def test_limits_are_read_as_gmt() -> None:
    with woocommerce_subject() as subject:
        assert isinstance(subject.server, FakeWooCommerce)
        subject.server.add(placed_at=NOW - timedelta(hours=1))
        # In the site's own zone the order would be two hours and a half younger.
        assert subject.feed.page(NOW - timedelta(minutes=30), None).orders == ()
        assert len(subject.feed.page(NOW - timedelta(minutes=90), None).orders) == 1


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_the_gateways_own_id_of_a_payment_is_read_where_a_plugin_keeps_it(
    shop: FakeWooCommerce, rules: Rules, status: str
) -> None:
    asked = replace(rules, authority_key="_zarinpal_authority")
    kept = meta(_zarinpal_authority="A0000000000000000000000000001")
    raw = shop.add(status=status, date_paid_gmt=None, meta_data=kept)
    for own, authority in ((asked, "A0000000000000000000000000001"), (rules, None)):
        payment = to_order(raw, own).payment
        assert payment is not None
        assert payment.authority == authority
