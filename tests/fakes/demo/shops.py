"""The demo's orders as four shops write them. What a shop's system has no field for is not told: that is the point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from peyk.domain.money import Money
from peyk.domain.orders import Order, OrderStatus, Refund
from peyk.domain.payments import Payment, PaymentState
from peyk.domain.shipping import ShippingZone
from tests.fakes import magento, shopify, vendure, woocommerce
from tests.fakes.demo.book import Book, persian
from tests.fakes.vendor_http import FakeVendor

Json = Any
# How an order and its payment look in a shop's system, for its fake's `change`; the number is the system's own id.
Shape = Callable[[int, Order, Payment | None], dict[str, Json]]
# The meta key WooCommerce's adapter looks for the gateway's id in, as it is set by default.
AUTHORITY = "_zarinpal_authority"
_FAILED = PaymentState.FAILED
_S = OrderStatus


F = TypeVar("F", bound=FakeVendor)


def kept(fake: F, book: Book, shape: Shape) -> F:
    """Give a shop's fake the demo's orders, and before every answer what has changed of them."""
    shop: Any = fake
    ids: dict[str, int] = {}
    seen: dict[str, tuple[Any, ...]] = {}

    def look() -> None:
        for number, mark in book.marks().items():
            if seen.get(number) == mark:
                continue
            order = book.order(number)
            if number not in ids:
                ids[number] = _id(shop.add(placed_at=order.placed_at))
            # It has changed now, whenever it was placed: an index that was filled yesterday reads it again.
            shop.change(ids[number], **shape(ids[number], order, book.payment(number)))
            seen[number] = mark

    look()
    fake.before = look
    return fake


def _id(row: Mapping[str, Json]) -> int:
    return int(row.get("legacyResourceId") or row.get("entity_id") or row["id"])


def of_woocommerce(fake: woocommerce.FakeWooCommerce) -> Shape:
    """WooCommerce, with a plugin for parcels and one of the gateway."""
    words = {
        _S.AWAITING_PAYMENT: "pending",
        _S.PAID: "processing",
        _S.PREPARING: "processing",
        _S.ON_HOLD: "on-hold",
        _S.SHIPPED: "completed",
        _S.DELIVERED: "delivered",
        _S.RETURNED: "returned",
        _S.CANCELLED: "cancelled",
        _S.REFUNDED: "refunded",
    }

    def shape(number: int, order: Order, payment: Payment | None) -> dict[str, Json]:
        first, _, last = order.customer_name.partition(" ")
        parcels = [
            {
                "tracking_provider": ref.carrier,
                "tracking_number": ref.tracking_code,
                "date_shipped": str(int(ref.shipped_at.timestamp())),
            }
            for ref in order.shipments
        ]
        meta = {"_wc_shipment_tracking_items": parcels, AUTHORITY: payment.authority if payment else ""}
        if order.refund:
            fake.refund_rows[number] = [{"id": 1, "date_created_gmt": woocommerce.gmt(order.refund.started_at)}]
        return {
            "number": order.number,
            "status": "failed" if payment and payment.state is _FAILED else words[order.status],
            "date_paid_gmt": woocommerce.gmt(order.paid_at),
            "date_completed_gmt": woocommerce.gmt(order.shipments[0].shipped_at) if order.shipments else None,
            "total": _toman(order.total),
            "billing": {
                "first_name": first,
                "last_name": last,
                "phone": order.mobile,
                "email": "",
                "city": persian(order.city),
                "address_1": order.address,
            },
            "transaction_id": (payment.ref_id if payment else None) or "",
            "line_items": [
                {
                    "name": item.title_fa,
                    "sku": item.sku,
                    "quantity": item.quantity,
                    "total": _toman(Money.rial(item.price.amount * item.quantity)),
                }
                for item in order.items
            ],
            "shipping_lines": [],
            "refunds": [{"id": 1, "total": f"-{_toman(order.refund.amount)}"}] if order.refund else [],
            "meta_data": [{"id": at, "key": key, "value": value} for at, (key, value) in enumerate(meta.items(), 1)],
        }

    return shape


def zones_of_woocommerce(fake: woocommerce.FakeWooCommerce, zones: list[ShippingZone]) -> dict[str, Json]:
    """Give the shop the demo's zones, and return the shop's own tables: where they are, how long each way takes."""
    states: dict[str, list[str]] = {}
    methods: dict[str, Json] = {}
    for number, zone in enumerate(zones, start=1):
        state = f"IR:ZONE{number}"
        states[state] = list(zone.cities)
        rows = []
        for at, method in enumerate(zone.methods, start=number * 100):
            line = {"carrier": method.carrier, "min_days": method.min_days, "max_days": method.max_days}
            methods[f"flat_rate:{at}"] = {**line, "cash_on_delivery": method.cash_on_delivery}
            rows.append(_way("flat_rate", at, method.carrier, cost=_toman(Money.rial(method.base_rial))))
            if method.free_from_rial is not None:
                methods[f"free_shipping:{at}"] = line
                least = _toman(Money.rial(method.free_from_rial))
                rows.append(_way("free_shipping", at, method.carrier, requires="min_amount", min_amount=least))
        fake.zones[number] = {"name": zone.name, "locations": [{"code": state, "type": "state"}], "methods": rows}
    return {"states": states, "methods": methods}


def _way(kind: str, number: int, title: str, **settings: str) -> Json:
    shown = {name: {"id": name, "value": value} for name, value in settings.items()}
    return {"instance_id": number, "title": title, "enabled": True, "method_id": kind, "settings": shown}


def of_shopify() -> Shape:
    """Shopify: it knows when a parcel should arrive, and not what became of a payment at another gateway."""
    words = {_S.PREPARING: "IN_PROGRESS", _S.ON_HOLD: "ON_HOLD", _S.SHIPPED: "FULFILLED", _S.DELIVERED: "FULFILLED"}

    def shape(number: int, order: Order, payment: Payment | None) -> dict[str, Json]:
        failed = payment is not None and payment.state is _FAILED
        back = order.refund.amount if order.refund else Money.rial(0)
        return {
            "name": f"#{order.number}",
            "processedAt": shopify.iso(order.paid_at or order.placed_at),
            "cancelledAt": shopify.iso(order.placed_at) if order.status is _S.CANCELLED else None,
            "email": None,
            "phone": order.mobile,
            "displayFinancialStatus": "PAID" if order.paid_at else "EXPIRED" if failed else "PENDING",
            "displayFulfillmentStatus": words.get(order.status, "UNFULFILLED"),
            "currentTotalPriceSet": _price(order.total),
            "totalRefundedSet": _price(back),
            "shippingAddress": {
                "name": order.customer_name,
                "phone": order.mobile,
                "city": persian(order.city),
                "address1": order.address,
                "address2": None,
            },
            "lineItems": {
                "nodes": [
                    {
                        "sku": item.sku,
                        "title": item.title_fa,
                        "quantity": item.quantity,
                        "originalUnitPriceSet": _price(item.price),
                    }
                    for item in order.items
                ]
            },
            "fulfillments": [
                {
                    "createdAt": shopify.iso(ref.shipped_at),
                    "displayStatus": "DELIVERED" if order.status is _S.DELIVERED else "FULFILLED",
                    "estimatedDeliveryAt": shopify.iso(order.promised_at) if order.promised_at else None,
                    "trackingInfo": [{"number": ref.tracking_code, "company": ref.carrier}],
                }
                for ref in order.shipments
            ],
            "refunds": [{"createdAt": shopify.iso(order.refund.started_at)}] if order.refund else [],
        }

    return shape


def of_magento(fake: magento.FakeMagento) -> Shape:
    """Magento: parcels are shipments of their own."""
    words = {
        _S.AWAITING_PAYMENT: "pending_payment",
        _S.ON_HOLD: "holded",
        _S.SHIPPED: "complete",
        _S.DELIVERED: "complete",
        _S.CANCELLED: "canceled",
        _S.REFUNDED: "closed",
    }

    def shape(number: int, order: Order, payment: Payment | None) -> dict[str, Json]:
        first, _, last = order.customer_name.partition(" ")
        address = {
            "firstname": first,
            "lastname": last,
            "telephone": order.mobile,
            "city": persian(order.city),
            "street": [order.address],
        }
        for at, ref in enumerate(order.shipments):
            track = {"track_number": ref.tracking_code, "carrier_code": ref.carrier, "title": ref.carrier}
            fake.shipments[number * 10 + at] = {
                "entity_id": number * 10 + at,
                "order_id": number,
                "created_at": magento.written(ref.shipped_at),
                "tracks": [track],
            }
        return {
            "increment_id": order.number,
            "state": words.get(order.status, "processing"),
            "status": "as_its_state",
            "order_currency_code": order.total.currency,
            "grand_total": order.total.amount,
            "total_paid": order.total.amount if order.paid_at else 0,
            "total_refunded": order.refund.amount.amount if order.refund else 0,
            "customer_email": None,
            "billing_address": address,
            "payment": {"method": "zarinpal", "last_trans_id": payment.ref_id if payment else None},
            "items": [
                {
                    "sku": item.sku,
                    "name": item.title_fa,
                    "qty_ordered": item.quantity,
                    "price_incl_tax": item.price.amount,
                }
                for item in order.items
            ],
            "extension_attributes": {"shipping_assignments": [{"shipping": {"address": address}}]},
        }

    return shape


def of_vendure() -> Shape:
    """Vendure: payments and refunds with their days; amounts in hundredths."""
    words = {
        _S.AWAITING_PAYMENT: "ArrangingPayment",
        _S.SHIPPED: "Shipped",
        _S.DELIVERED: "Delivered",
        _S.CANCELLED: "Cancelled",
        _S.REFUNDED: "Cancelled",
    }

    def shape(number: int, order: Order, payment: Payment | None) -> dict[str, Json]:
        address = {
            "fullName": order.customer_name,
            "phoneNumber": order.mobile,
            "city": persian(order.city),
            "streetLine1": order.address,
        }
        tries = []
        if payment and payment.state in {_FAILED, PaymentState.VERIFIED}:
            back = order.refund
            tries.append(
                {
                    "state": "Declined" if payment.state is _FAILED else "Settled",
                    "transactionId": payment.ref_id,
                    "createdAt": vendure.iso(payment.at),
                    "refunds": [_refund_of_vendure(back)] if back else [],
                }
            )
        return {
            "code": order.number,
            "state": words.get(order.status, "PaymentSettled"),
            "currencyCode": order.total.currency,
            "totalWithTax": order.total.amount * 100,
            "customer": {**address, "firstName": "", "lastName": "", "emailAddress": None},
            "shippingAddress": address,
            "lines": [
                {
                    "quantity": item.quantity,
                    "proratedUnitPriceWithTax": item.price.amount * 100,
                    "productVariant": {"sku": item.sku, "name": item.title_fa},
                }
                for item in order.items
            ],
            "fulfillments": [
                {
                    "state": "Delivered" if order.status is _S.DELIVERED else "Shipped",
                    "method": ref.carrier,
                    "trackingCode": ref.tracking_code,
                    "createdAt": vendure.iso(ref.shipped_at),
                }
                for ref in order.shipments
            ],
            "payments": tries,
        }

    return shape


def _refund_of_vendure(refund: Refund) -> Json:
    return {"state": "Settled", "total": refund.amount.amount * 100, "createdAt": vendure.iso(refund.started_at)}


def _toman(money: Money) -> str:
    return str(Decimal(money.amount) / 10)


def _price(money: Money) -> Json:
    return shopify.money(str(money.amount), money.currency)
