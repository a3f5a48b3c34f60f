"""What Shopify alone has: points, split shipments, two kinds of status, other currencies, webhooks, data protection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http
from peyk.adapters.orders import shopify
from peyk.adapters.orders.shopify.adapter import ShopifyFeed
from peyk.adapters.orders.shopify.client import ShopifyApi
from peyk.domain.money import Money
from peyk.domain.orders import OrderStatus
from peyk.domain.payments import PaymentState
from peyk.domain.systems import Health
from peyk.errors import AccessRefused, BadAnswer, NotFound, RateLimited, SettingsError, Unavailable
from peyk.ports.shops import Forged, NewsKind, ShopWebhooks
from peyk.services.shop_news import ShopIntake, Taken
from tests.contract.shop_subjects import Subject, Unknown, indexed, parts, shopify_subject
from tests.contract.test_shop_feeds import ids, passed
from tests.fakes.shopify import OLD_SECRET, TOKEN, FakeShopify, money
from tests.fakes.vendor_http import Answer
from tests.unit.services.fakes import NOW, FakeClock


@pytest.fixture
def subject() -> Iterator[Subject]:
    with shopify_subject() as made:
        yield made


@pytest.fixture
def shop(subject: Subject) -> FakeShopify:
    assert isinstance(subject.server, FakeShopify)
    return subject.server


@pytest.fixture
def webhooks(subject: Subject) -> ShopWebhooks:
    assert subject.shop.webhooks is not None
    return subject.shop.webhooks


def checked(server: FakeShopify, **changes: Any) -> Health:
    own = shopify.ShopifySettings(**{"url": server.url, "token": TOKEN, "_env_file": None, **changes})
    return shopify.PLUGIN.check(own, parts(FakeClock(), Unknown()))


def test_several_fulfilments_are_several_parcels(subject: Subject, shop: FakeShopify) -> None:
    order = shop.add()
    shop.ship(int(order["legacyResourceId"]), "JD014600003828", "GM60511234500000001")
    order["fulfillments"].append({"createdAt": order["createdAt"], "displayStatus": "CANCELED", "trackingInfo": [
        {"number": "X1", "company": "DHL Express"}]})  # fmt: skip
    found = subject.feed.one(order["legacyResourceId"]).order
    assert [ref.tracking_code for ref in found.shipments] == ["JD014600003828", "GM60511234500000001"]
    assert {ref.carrier for ref in found.shipments} == {"dhl"}
    for each in order["fulfillments"]:
        each["displayStatus"] = "DELIVERED"
    assert subject.feed.one(order["legacyResourceId"]).order.status is OrderStatus.DELIVERED


def test_amounts_are_those_the_customer_saw(subject: Subject, shop: FakeShopify) -> None:
    refunds = [{"createdAt": "2026-11-20T10:00:00Z"}]
    order = shop.add(totalRefundedSet=money("20.50"), refunds=refunds, displayFinancialStatus="PARTIALLY_REFUNDED")
    found = subject.feed.one(order["legacyResourceId"])
    assert found.order.total == Money(12_000, "USD")
    assert found.order.items[0].price == Money(6_000, "USD")
    assert found.order.refund is not None
    assert found.order.refund.amount == Money(2_050, "USD")
    assert found.order.refund.due_at - found.order.refund.started_at == timedelta(days=7)
    assert found.payment is not None
    assert (found.payment.state, found.payment.amount) == (PaymentState.VERIFIED, Money(12_000, "USD"))


@pytest.mark.parametrize(
    ("financial", "fulfilment", "status", "payment"),
    [
        ("PAID", "UNFULFILLED", OrderStatus.PREPARING, PaymentState.VERIFIED),
        ("PENDING", "UNFULFILLED", OrderStatus.AWAITING_PAYMENT, PaymentState.UNPAID),
        ("AUTHORIZED", "UNFULFILLED", OrderStatus.PREPARING, None),
        ("EXPIRED", "UNFULFILLED", OrderStatus.AWAITING_PAYMENT, PaymentState.FAILED),
        ("VOIDED", "UNFULFILLED", OrderStatus.CANCELLED, PaymentState.REVERSED),
        ("REFUNDED", "RESTOCKED", OrderStatus.REFUNDED, PaymentState.VERIFIED),
        ("PAID", "ON_HOLD", OrderStatus.ON_HOLD, PaymentState.VERIFIED),
        ("PAID", "PARTIALLY_FULFILLED", OrderStatus.SHIPPED, PaymentState.VERIFIED),
        ("PAID", "IN_THE_OVEN", OrderStatus.PAID, PaymentState.VERIFIED),
        ("SOMEHOW", "UNFULFILLED", OrderStatus.AWAITING_PAYMENT, None),
    ],
)
def test_both_statuses_by_tables(
    subject: Subject, shop: FakeShopify, financial: str, fulfilment: str, status: OrderStatus, payment: object
) -> None:
    order = shop.add(displayFinancialStatus=financial, displayFulfillmentStatus=fulfilment)
    found = subject.feed.one(order["legacyResourceId"])
    assert (found.order.status, found.payment.state if found.payment else None) == (status, payment)
    assert subject.unknown.codes == [code for code in (financial, fulfilment) if code in {"IN_THE_OVEN", "SOMEHOW"}]


def test_without_a_financial_status_only_what_costs_nothing_is_paid(
    subject: Subject, shop: FakeShopify, webhooks: ShopWebhooks
) -> None:
    order = shop.add(displayFinancialStatus=None)
    for found in (
        subject.feed.one(order["legacyResourceId"]),
        webhooks.read(*shop.delivery(shop.rest(order), "w1")).order,
    ):
        assert found is not None
        assert (found.order.status, found.order.paid_at, found.payment) == (OrderStatus.AWAITING_PAYMENT, None, None)
    assert subject.unknown.codes == ["NONE", "NONE"]
    shop.change(int(order["legacyResourceId"]), currentTotalPriceSet=money("0.00"))
    free = subject.feed.one(order["legacyResourceId"])
    assert (free.order.status, free.payment and free.payment.state) == (OrderStatus.PREPARING, PaymentState.VERIFIED)
    assert subject.unknown.codes == ["NONE", "NONE"]


def test_paid_at_the_door_is_prepared_without_money(subject: Subject, shop: FakeShopify) -> None:
    order = shop.add(displayFinancialStatus="PENDING", paymentGatewayNames=["Cash on Delivery (COD)"])
    found = subject.feed.one(order["legacyResourceId"])
    assert (found.order.status, found.order.paid_at, found.payment) == (OrderStatus.PREPARING, None, None)


def test_a_shop_changes_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "tables.yml"
    file.write_text("financial: {PENDING: {paid: true}}\nstatuses: {UNFULFILLED: paid}\n", encoding="utf-8")
    with shopify_subject(tables=file) as subject:
        assert isinstance(subject.server, FakeShopify)
        order = subject.server.add(displayFinancialStatus="PENDING")
        assert subject.feed.one(order["legacyResourceId"]).order.status is OrderStatus.PAID
    file.write_text("financial: {PENDING: {payment: perhaps}}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="financial status PENDING"), shopify_subject(tables=file):
        pass


def test_points_that_come_back_soon_are_waited_for(shop: FakeShopify) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        shop.points += seconds * shop.restore_rate

    shop.add()
    shop.points = 0
    http = Http("shopify", shop.url, HeaderAuth("shopify", "X-Shopify-Access-Token", SecretStr(TOKEN)), tries=1)
    api = ShopifyApi(http, "2025-10", sleep)
    assert api.ask("query PeykCount { x }")["ordersCount"]["count"] == 1
    assert waited == [1]
    assert api.points == "99.0 of 2000.0 points"


def test_points_that_take_long_say_how_long(subject: Subject, shop: FakeShopify) -> None:
    shop.points, shop.restore_rate = 0, 1.0
    with pytest.raises(RateLimited) as caught:
        subject.feed.page(None, None)
    assert caught.value.retry_after_s == 10
    shop.restore_rate = 0
    with pytest.raises(RateLimited) as caught:
        subject.feed.page(None, None)
    assert caught.value.retry_after_s is None


def test_a_query_that_is_too_dear_is_halved(subject: Subject, shop: FakeShopify) -> None:
    made = {shop.add()["legacyResourceId"] for _ in range(12)}
    shop.dearest = 4
    assert ids(passed(subject.feed)) == made


@pytest.mark.parametrize(
    ("code", "error"),
    [("ACCESS_DENIED", AccessRefused), ("INTERNAL_SERVER_ERROR", Unavailable), ("undefinedField", BadAnswer)],
)
def test_refusals_come_inside_a_200(subject: Subject, shop: FakeShopify, code: str, error: type[Exception]) -> None:
    body = {"data": {"orders": None}, "errors": [{"message": f"no: {TOKEN}", "extensions": {"code": code}}]}
    shop.handle = lambda call: Answer(200, body)  # type: ignore[method-assign]
    with pytest.raises(error, match="shopify") as caught:
        subject.feed.page(None, None)
    assert TOKEN not in str(caught.value)


def test_a_server_that_ignores_ranges_is_found_out(subject: Subject, shop: FakeShopify) -> None:
    for _ in range(12):
        shop.add()
    cursor = subject.feed.page(None, None).cursor
    shop._found = lambda query: list(shop.orders.values())[::-1]  # type: ignore[method-assign]
    with pytest.raises(BadAnswer, match="range of ids"):
        subject.feed.page(None, cursor)


def test_the_doctor_tells_of_the_sixty_days_and_of_points(shop: FakeShopify) -> None:
    shop.add()
    health = checked(shop)
    assert (health.well, health.sample) == (True, "order 1001 of 1")
    assert health.quota.endswith("of 2000.0 points")
    shop.scopes = ["read_orders"]
    assert checked(shop).sample == "order 1001 of 1 (of the last 60 days: the app has no read_all_orders)"
    assert checked(shop, token="another").credentials is False
    assert checked(shop, version="1999-13x").advice.startswith("there is nothing at this address")


def test_an_order_older_than_an_app_may_see_stays_in_the_index_with_its_age(
    subject: Subject, shop: FakeShopify, engine_of: Callable[[str], Engine]
) -> None:
    order = shop.add()
    made = indexed(subject, engine_of("sqlite"))
    made.sync.turn(NOW)
    subject.clock.advance(minutes=10)
    shop.scopes = ["read_orders"]
    # Sixty days later Shopify answers null.
    del shop.orders[int(order["legacyResourceId"])]
    for _ in range(9):
        found = made.orders.by_number("1001")
        assert (found.number, found.as_of) == ("1001", NOW)
    assert made.index.count() == 1
    shop.scopes.append("read_all_orders")
    with pytest.raises(NotFound):
        made.orders.by_number("1001")
    assert made.index.count() == 0


def test_an_order_is_the_same_by_webhook_and_by_api(
    subject: Subject, webhooks: ShopWebhooks, shop: FakeShopify
) -> None:
    order = shop.add()
    changes: list[dict[str, Any]] = [{}, {"displayFinancialStatus": "PENDING"}, {"cancelledAt": "2026-11-20T10:00:00Z"}]
    for change in changes:
        shop.change(int(order["legacyResourceId"]), **change)
        news = webhooks.read(*shop.delivery(shop.rest(order), "w1"))
        assert (news.delivery_id, news.kind) == ("w1", NewsKind.CHANGED)
        assert news.order == subject.feed.one(order["legacyResourceId"])
    shop.ship(int(order["legacyResourceId"]), "A1", "B2")
    assert webhooks.read(*shop.delivery(shop.rest(order), "w2")).order == subject.feed.one(order["legacyResourceId"])


def test_a_refund_by_webhook_is_the_sum_of_what_went_back(webhooks: ShopWebhooks, shop: FakeShopify) -> None:
    paid_back = [
        {"kind": "refund", "status": "success", "amount": "20.00", "currency": "USD"},
        {"kind": "refund", "status": "failure", "amount": "99.00", "currency": "USD"},
    ]
    body = {**shop.rest(shop.add()), "refunds": [{"created_at": "2026-11-20T10:00:00Z", "transactions": paid_back}]}
    news = webhooks.read(*shop.delivery(body, "w1"))
    assert news.order is not None
    assert news.order.order.refund is not None
    assert news.order.order.refund.amount == Money(2_000, "USD")


def test_the_secret_before_is_good_too_and_no_other(webhooks: ShopWebhooks, shop: FakeShopify) -> None:
    body = shop.rest(shop.add())
    assert webhooks.read(*shop.delivery(body, "w1", secret=OLD_SECRET)).kind is NewsKind.CHANGED
    headers, raw = shop.delivery(body, "w1")
    unsigned = {name: value for name, value in headers.items() if "Hmac" not in name}
    for forged in (
        (headers, raw + b" "),
        (unsigned, raw),
        ({**headers, "X-Shopify-Hmac-SHA256": "\u067e"}, raw),
        shop.delivery(body, "w1", secret="another"),
        shop.delivery(body, "w1", secret=""),
    ):
        with pytest.raises(Forged):
            webhooks.read(*forged)


def test_a_whole_order_deletes_nothing_whatever_its_topic(webhooks: ShopWebhooks, shop: FakeShopify) -> None:
    body = shop.rest(shop.add())
    assert webhooks.read(*shop.delivery(body, "w1", "orders/delete")).kind is NewsKind.CHANGED
    deleted = webhooks.read(*shop.delivery({"id": body["id"]}, "w2", "orders/delete"))
    assert (deleted.kind, deleted.source_id) == (NewsKind.DELETED, str(body["id"]))
    assert webhooks.read(*shop.delivery({"id": 5}, "w3", "products/update")).kind is NewsKind.PING


@pytest.mark.parametrize("body", [{"id": "x"}, {"id": 4}, {"id": 4, "name": "#1", "line_items": {}}])
def test_genuine_ones_that_cannot_be_read_say_so(webhooks: ShopWebhooks, shop: FakeShopify, body: Any) -> None:
    with pytest.raises(BadAnswer):
        webhooks.read(*shop.delivery(body, "w1", "orders/create"))


def test_data_protection(
    subject: Subject, shop: FakeShopify, webhooks: ShopWebhooks, engine_of: Callable[[str], Engine]
) -> None:
    made = indexed(subject, engine_of("sqlite"))
    numbers = [int(shop.add()["legacyResourceId"]) for _ in range(4)]
    made.sync.turn(NOW)
    intake = ShopIntake("shopify", webhooks, made.index, subject.clock)
    request = shop.delivery({"orders_requested": numbers, "customer": {}}, "w1", "customers/data_request")
    assert intake.take(*request) is Taken.NOTHING
    assert made.index.count() == 4
    redact = shop.delivery({"orders_to_redact": numbers[:2], "customer": {}}, "w2", "customers/redact")
    assert [intake.take(*redact), intake.take(*redact)] == [Taken.KEPT, Taken.NOTHING]
    assert made.index.count() == 2
    nothing = shop.delivery({"orders_to_redact": [], "customer": {}}, "w3", "customers/redact")
    assert intake.take(*nothing) is Taken.NOTHING
    assert intake.take(*shop.delivery({"shop_id": 1}, "w4", "shop/redact")) is Taken.KEPT
    assert made.index.count() == 0
    assert made.index.by_mobile("09121234567", 3) == []


def test_without_a_secret_no_webhook_is_taken() -> None:
    with shopify_subject(client_secret="", client_secret_old="") as subject:
        assert subject.shop.webhooks is None
        assert isinstance(subject.feed, ShopifyFeed)
