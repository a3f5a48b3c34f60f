"""Every value a sentence about an order may need, ready to be put in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from peyk.domain.orders import Order, OrderItem
from peyk.domain.payments import Payment
from peyk.domain.shipments import DeliveryStatus, Tracking
from peyk.i18n.answers import OrderAnswer, ParcelInAnswer
from peyk.i18n.catalogue import text
from peyk.i18n.dates import (
    days_between,
    duration,
    expected_between,
    format_date,
    format_day,
    format_moment,
    relative_day,
)
from peyk.i18n.digits import count, format_number, join_names
from peyk.i18n.money import format_money
from peyk.i18n.parcels import carrier_name, event_lines, event_text, parcels_told
from peyk.text.places import city_name

KEYS = (
    "order_id", "status", "placed_on", "items", "total", "city", "shipped_on",
    "ready_on", "delay_reason", "eta", "promised", "days_late",
    "carrier", "code", "url", "parcel_status", "last_event", "last_event_at", "events", "quiet_for", "as_of",
    "reason", "carrier_reason", "attempts",
    "pickup_place", "pickup_until", "pickup_days_left", "signed_by", "delivered_on",
    "refund_amount", "refund_due",
    "payment_ref", "payment_failure", "payment_amount",
    "parcels", "shop_as_of",
)  # fmt: skip

Values = dict[str, str]


def reply_values(result: OrderAnswer, language: str, unit: str) -> Values:
    """Return every key of KEYS: a ready phrase in `language`, or an empty string where there is nothing to say.

    Order: `order_id` `status` (the situation's name) `placed_on` (date) `items` (a list) `total` `city`
    `shipped_on` (day). Preparation: `ready_on` ("tomorrow") `delay_reason`. Dates: `eta` ("in 2 to 4
    working days") `promised` (day) `days_late` ("5 days").
    Newest parcel: `carrier` `code` `url` `parcel_status` `last_event` `last_event_at` `events` (the newest
    three, one line each) `quiet_for` ("80 hours" since the last scan) `reason` (why it is not on its way;
    also why the shop cannot ship) `carrier_reason` (the carrier's alone) `attempts` ("3 times")
    `pickup_place` `pickup_until` (day) `pickup_days_left` ("4 days") `signed_by` `delivered_on` (day).
    All parcels: `parcels` (a line each, links, age).
    `as_of`: how old the oldest news is, empty when a carrier is down and nothing older is known.
    `shop_as_of`: how old the shop's own word is, empty where it has just said it.
    Money: `refund_amount` `refund_due` (day) `payment_ref` `payment_failure` `payment_amount`.
    At level 1 only `order_id`, `status`, `as_of` and `shop_as_of` say anything; by tracking code the parcel's, too.
    """
    now = result.asked_at or result.as_of or datetime.now(UTC)
    values = dict.fromkeys(KEYS, "")
    values["order_id"] = result.order_number or ""
    if result.situation:
        values["status"] = text(f"situation.{result.situation.value}", language)
    if result.as_of:
        values["as_of"] = format_moment(result.as_of, now, language)
    if result.shop_as_of:
        values["shop_as_of"] = format_moment(result.shop_as_of, now, language)
    if result.order:
        values |= _order(result.order, now, language, unit) | _refund(result.order, now, language, unit)
    if result.payment:
        values |= _payment(result.payment, language, unit)
    if result.parcels:
        values["parcels"] = parcels_told(result.parcels, result.as_of, now, language)
        values |= _parcel(result.parcels[-1], now, language)
    newest = result.parcels[-1].tracking if result.parcels else None
    values["eta"] = _eta(result.order, newest, now, language)
    return values


def _order(order: Order, now: datetime, language: str, unit: str) -> Values:
    lines = [_item(item, language) for item in order.items]
    late = days_between(order.promised_at, now) if order.promised_at and order.promised_at < now else 0
    return {
        "placed_on": format_date(order.placed_at, language),
        "items": join_names(lines, language),
        "total": format_money(order.total, language, unit),
        "city": city_name(order.city, language) if order.city else "",
        "ready_on": _said(_still_ahead(order.preparation_due_at, now), lambda due: relative_day(due, now, language)),
        "delay_reason": text(f"delay_reason.{order.delay_reason.value}", language) if order.delay_reason else "",
        "reason": text(f"hold_reason.{order.hold_reason.value}", language) if order.hold_reason else "",
        "promised": _said(order.promised_at, lambda promised: format_day(promised, language)),
        "days_late": count("days", max(late, 1), language) if order.promised_at and order.promised_at < now else "",
    }


def _item(item: OrderItem, language: str) -> str:
    if item.quantity == 1:
        return item.title(language)
    return text("item.line", language, title=item.title(language), count=format_number(item.quantity, language))


def _still_ahead(due: datetime | None, now: datetime) -> datetime | None:
    # A plan whose day is over is no plan: nothing is said of it.
    return due if due and days_between(now, due) >= 0 else None


def _eta(order: Order | None, tracking: Tracking | None, now: datetime, language: str) -> str:
    first = last = tracking.eta if tracking else None
    window = (order.eta_from, order.eta_until) if order else (None, None)
    # The carrier's day within the shop's days is no other news.
    if window[0] and window[1] and (last is None or window[0] <= last <= window[1]):
        first, last = window
    if first is None or last is None or last < now:
        return ""
    return expected_between(first, last, now, language)


def _refund(order: Order, now: datetime, language: str, unit: str) -> Values:
    refund = order.refund
    if refund is None:
        return {}
    return {
        "refund_amount": format_money(refund.amount, language, unit),
        "refund_due": _said(_still_ahead(refund.due_at, now), lambda due: format_day(due, language)),
    }


def _payment(payment: Payment, language: str, unit: str) -> Values:
    failure = payment.failure
    return {
        "payment_ref": payment.ref_id or "",
        "payment_failure": text(f"payment_failure.{failure.value}", language) if failure else "",
        "payment_amount": format_money(payment.amount, language, unit),
    }


def _parcel(parcel: ParcelInAnswer, now: datetime, language: str) -> Values:
    values = {
        "carrier": carrier_name(parcel.carrier, language),
        "code": parcel.code,
        "url": parcel.page,
        "shipped_on": _said(parcel.shipped_at, lambda shipped: format_day(shipped, language)),
    }
    return values | _tracking(parcel.tracking, now, language) if parcel.tracking else values


def _tracking(tracking: Tracking, now: datetime, language: str) -> Values:
    values = {
        "url": tracking.url,
        "parcel_status": text(f"delivery_status.{tracking.status.value}", language),
        "pickup_place": _worded(tracking.pickup_place_fa, tracking.pickup_place_en, language),
        "signed_by": _worded(tracking.signed_by_fa, tracking.signed_by_en, language),
        "attempts": count("attempts", tracking.attempts, language) if tracking.attempts else "",
    }
    if tracking.reason:
        values["reason"] = values["carrier_reason"] = text(f"exception_reason.{tracking.reason.value}", language)
    return values | _pickup(tracking, now, language) | _last_event(tracking, now, language)


def _pickup(tracking: Tracking, now: datetime, language: str) -> Values:
    until = _still_ahead(tracking.pickup_until, now)
    if until is None:
        return {}
    left = days_between(now, until)
    days_left = count("days", left, language) if left > 0 else relative_day(until, now, language)
    return {"pickup_until": format_day(until, language), "pickup_days_left": days_left}


def _last_event(tracking: Tracking, now: datetime, language: str) -> Values:
    last = tracking.last_event
    if last is None:
        return {}
    delivered = tracking.status is DeliveryStatus.DELIVERED
    return {
        "last_event": event_text(last, language),
        "events": event_lines(tracking.events, now, language),
        "last_event_at": format_moment(last.at, now, language),
        "quiet_for": duration(now - last.at, language),
        "delivered_on": format_day(last.at, language) if delivered else "",
    }


def _worded(fa: str | None, en: str | None, language: str) -> str:
    return (en if language == "en" else fa) or ""


def _said(moment: datetime | None, say: Callable[[datetime], str]) -> str:
    return say(moment) if moment else ""
