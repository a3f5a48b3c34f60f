"""Values for sentences and the object for programs, at each level."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from peyk.domain.identity import Level
from peyk.domain.money import Money
from peyk.domain.orders import DelayReason, HoldReason, Order, Refund
from peyk.domain.payments import PaymentFailure
from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking
from peyk.domain.situations import Situation
from peyk.i18n.payload import KEYS, order_payload, reply_values
from peyk.services.tracking import Parcel, TrackOutcome, TrackResult
from tests.unit.services.fakes import NOW, order, payment, tracking

DAY = timedelta(days=1)
STAGE = TrackResult(
    TrackOutcome.FOUND, order_number="TS-104233", situation=Situation.IN_TRANSIT, as_of=NOW, asked_at=NOW
)
SCHEMA = json.loads((Path(__file__).parents[3] / "docs/rest-answer.schema.json").read_text(encoding="utf-8"))


def parcel(answer: Tracking | None = None, **changes: Any) -> Parcel:
    found = answer or tracking()
    return replace(Parcel(found.carrier, found.code, NOW - 2 * DAY, found, None), **changes)


def whole(situation: Situation = Situation.IN_TRANSIT, *parcels: Parcel, **changes: Any) -> TrackResult:
    made: Order = order(**{"eta_from": NOW + 2 * DAY, "eta_until": NOW + 4 * DAY} | changes)
    return replace(
        STAGE,
        level=Level.VERIFIED,
        situation=situation,
        order=made,
        parcels=parcels or (parcel(),),
        method="otp",
    )


def said(result: TrackResult, *keys: str, language: str = "fa") -> list[str]:
    values = reply_values(result, language, "toman")
    return [values[key] for key in keys]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(
    "result",
    [TrackResult(TrackOutcome.NOT_FOUND), STAGE, whole(), replace(whole(), order=None, level=Level.ANONYMOUS)],
    ids=["nothing", "stage", "whole", "by code"],
)
def test_every_key_always(result: TrackResult, language: str) -> None:
    values = reply_values(result, language, "toman")
    assert set(values) == set(KEYS)
    assert all(isinstance(value, str) for value in values.values())


def test_the_keys_are_all_described() -> None:
    assert reply_values.__doc__ is not None
    for key in KEYS:
        assert f"`{key}`" in reply_values.__doc__


def test_a_stage_says_number_status_and_age_only() -> None:
    values = reply_values(STAGE, "fa", "toman")
    spoken = {key: value for key, value in values.items() if value}
    assert spoken == {"order_id": "TS-104233", "status": "در راه", "as_of": "امروز، ساعت ۱۲:۰۰"}


def test_the_order_in_persian() -> None:
    keys = ("placed_on", "items", "total", "city", "eta", "shipped_on", "carrier", "code", "url")
    assert said(whole(), *keys) == [
        "۲۷ آبان ۱۴۰۵",
        "هدفون بی‌سیم",
        "۱٬۲۵۰٬۰۰۰ تومان",
        "تهران",
        "۲ تا ۴ روز کاری دیگر",
        "پنجشنبه ۲۸ آبان",
        "پست",
        "TRK-88392011",
        "https://post.example/TRK-88392011",
    ]


def test_the_order_in_english() -> None:
    keys = ("placed_on", "items", "total", "city", "eta", "carrier", "last_event", "last_event_at")
    assert said(whole(), *keys, language="en") == [
        "18 November 2026",
        "Wireless headphones",
        "1,250,000 toman",
        "Tehran",
        "in 2 to 4 working days",
        "Iran Post",
        "At the hub",
        "today at 07:00",
    ]


def test_late() -> None:
    assert said(whole(Situation.LATE, promised_at=NOW - 5 * DAY), "days_late", "promised") == [
        "۵ روز",
        "دوشنبه ۲۵ آبان",
    ]
    assert said(whole(promised_at=NOW + DAY), "days_late", "promised") == ["", "یکشنبه ۱ آذر"]
    hours = whole(Situation.LATE, promised_at=NOW - timedelta(hours=2))
    assert said(hours, "days_late", language="en") == ["1 day"], "late is never zero days late"


def test_an_eta_that_has_passed_is_not_told() -> None:
    assert said(whole(eta_from=NOW - 3 * DAY, eta_until=NOW - DAY), "eta") == [""]


@pytest.mark.parametrize(("days", "eta"), [(3, "in 2 to 4 working days"), (5, "in 5 working days")])
def test_the_carriers_day_counts_when_it_is_outside_the_shops(days: int, eta: str) -> None:
    result = whole(Situation.IN_TRANSIT, parcel(tracking(eta=NOW + days * DAY)))
    assert said(result, "eta", language="en") == [eta]


def test_preparation() -> None:
    result = whole(
        Situation.PREPARING, preparation_due_at=NOW + DAY, delay_reason=DelayReason.MANY_ORDERS, shipments=()
    )
    assert said(replace(result, parcels=()), "ready_on", "delay_reason", "carrier") == [
        "فردا",
        "تعداد زیاد سفارش‌ها",
        "",
    ]


def test_reasons() -> None:
    back = tracking(DeliveryStatus.RETURN_TO_SENDER, reason=ExceptionReason.CONSIGNEE_NOT_HOME, attempts=3)
    assert said(whole(Situation.RETURNED, parcel(back)), "reason", "attempts", language="en") == [
        "nobody was at the address",
        "3 times",
    ]
    held = replace(whole(hold_reason=HoldReason.ADDRESS_INCOMPLETE), parcels=())
    assert "پلاک" in said(held, "reason")[0]


def test_silence() -> None:
    assert said(whole(Situation.STALLED, parcel(tracking(scan_age_h=80))), "quiet_for") == ["۸۰ ساعت"]
    assert said(whole(Situation.LOST, parcel(tracking(scan_age_h=288))), "quiet_for") == ["۱۲ روز"]


def test_pick_up() -> None:
    ready = tracking(
        DeliveryStatus.READY_FOR_PICKUP,
        pickup_until=NOW + 4 * DAY,
        pickup_place_fa="نمایندگی ونک",
        pickup_place_en="Vanak agency",
    )
    keys = ("pickup_place", "pickup_until", "pickup_days_left")
    assert said(whole(Situation.READY_FOR_PICKUP, parcel(ready)), *keys) == ["نمایندگی ونک", "چهارشنبه ۴ آذر", "۴ روز"]
    last_day = replace(ready, pickup_until=NOW)
    assert said(whole(Situation.READY_FOR_PICKUP, parcel(last_day)), "pickup_days_left") == ["امروز"]


def test_delivered() -> None:
    done = tracking(DeliveryStatus.DELIVERED, scan_age_h=72, signed_by_fa="پذیرش", signed_by_en="the reception")
    keys = ("signed_by", "delivered_on")
    assert said(whole(Situation.DELIVERED, parcel(done)), *keys) == ["پذیرش", "چهارشنبه ۲۷ آبان"]
    assert said(whole(Situation.DELIVERED, parcel(done)), "signed_by", language="en") == ["the reception"]
    assert said(whole(), "delivered_on") == [""]


def test_money_back() -> None:
    refund = Refund(Money.rial(5_000_000), NOW - DAY, NOW + 3 * DAY)
    assert said(whole(refund=refund), "refund_amount", "refund_due") == ["۵۰۰٬۰۰۰ تومان", "سه‌شنبه ۳ آذر"]


def test_payment() -> None:
    result = replace(whole(), payment=payment(failure=PaymentFailure.BANK_DECLINED))
    keys = ("payment_ref", "payment_failure", "payment_amount")
    assert said(result, *keys, language="en") == [
        "RF-771",
        "the bank declined the transaction",
        "500,000 toman",
    ]


def test_several_parcels_are_a_line_each() -> None:
    delivered = parcel(tracking(DeliveryStatus.DELIVERED))
    blank = parcel(tracking(carrier="tipax", code="TPX-1"), tracking=None)
    lines, code = said(whole(Situation.SPLIT, delivered, blank), "parcels", "code")
    assert lines.splitlines() == [
        "• پست، کد TRK-88392011: تحویل‌شده، آخرین رویداد: تحویل به مرکز مبادلات، امروز، ساعت ۰۷:۰۰",
        "• تیپاکس، کد TPX-1: نامشخص",
        "پیوند رهگیری: https://post.example/TRK-88392011",
        "(به گفتهٔ شرکت حمل، امروز، ساعت ۱۲:۰۰)",
    ]
    assert code == "TPX-1", "single values are the newest parcel's"


def test_a_scan_without_words_is_called_by_its_status() -> None:
    event = replace(tracking().events[0], text_fa="", text_en="")
    result = whole(Situation.IN_TRANSIT, parcel(tracking(events=(event,))))
    assert said(result, "last_event") == ["در راه"]


def test_nothing_known_has_no_age() -> None:
    assert said(replace(STAGE, as_of=None, carrier_trouble="unavailable"), "as_of") == [""]


class TestPayload:
    """What programs get, checked against the published schema."""

    @staticmethod
    def made(result: TrackResult, language: str = "fa") -> dict[str, Any]:
        return order_payload(result, language, "toman")

    def test_level_one_has_three_members(self) -> None:
        assert self.made(STAGE) == {
            "order": {"orderId": "TS-104233", "status": "in_transit", "statusFa": "در راه"},
            "security": {"verified": False, "method": None, "level": 1},
            "nextActions": [],
        }

    def test_level_one_holds_back_whatever_it_is_given(self) -> None:
        careless = replace(whole(), level=Level.ANONYMOUS)
        assert set(self.made(careless)["order"]) == {"orderId", "status", "statusFa"}
        assert self.made(careless)["security"]["method"] is None

    def test_the_age_of_the_shops_word_is_there_while_it_has_one(self) -> None:
        assert "asOf" not in self.made(whole())["order"]
        assert self.made(replace(whole(), shop_as_of=NOW - DAY))["order"]["asOf"] == (NOW - DAY).isoformat()

    def test_nobody_else_sees_when_somebody_last_asked(self) -> None:
        assert "asOf" not in self.made(replace(STAGE, shop_as_of=NOW - DAY))["order"]

    def test_level_two(self) -> None:
        made = self.made(whole(), "en")
        assert made["security"] == {"verified": True, "method": "otp", "level": 2}
        assert made["order"] == {
            "orderId": "TS-104233",
            "status": "in_transit",
            "statusFa": "در راه",
            "createdAt": "2026-11-18T08:30:00+00:00",
            "eta": "2026-11-25T08:30:00+00:00",
            "items": [{"sku": "HP-1", "title": "Wireless headphones", "quantity": 1, "price": "1,250,000 toman"}],
            "tracking": {
                "carrier": "post",
                "code": "TRK-88392011",
                "url": "https://post.example/TRK-88392011",
                "lastEvent": "At the hub",
                "asOf": "2026-11-21T08:30:00+00:00",
                "events": [{"at": "2026-11-21T03:30:00+00:00", "text": "At the hub", "place": "Tehran", "first": True}],
            },
        }

    def test_several_parcels(self) -> None:
        newest = parcel(tracking(carrier="tipax", code="TPX-1", url=""))
        made = self.made(whole(Situation.SPLIT, parcel(), newest))["order"]
        assert [each["code"] for each in made["parcels"]] == ["TRK-88392011", "TPX-1"]
        assert made["tracking"] == made["parcels"][-1]
        assert made["tracking"]["url"] is None

    def test_the_newest_scans_oldest_first(self) -> None:
        first = tracking().events[0]
        scans = tuple(replace(first, at=first.at + timedelta(minutes=step), city=None) for step in range(30))
        events = self.made(whole(Situation.IN_TRANSIT, parcel(tracking(events=scans))))["order"]["tracking"]["events"]
        assert [each["at"] for each in events] == [each.at.isoformat() for each in scans[-20:]]
        assert {frozenset(each) for each in events} == {frozenset({"at", "text"})}

    def test_a_scan_is_told_in_the_language(self) -> None:
        (event,) = self.made(whole())["order"]["tracking"]["events"]
        assert (event["text"], event["place"]) == ("تحویل به مرکز مبادلات", "تهران")

    def test_no_address_name_or_mobile_at_any_level(self) -> None:
        shown = json.dumps(self.made(whole()), ensure_ascii=False)
        for personal in ("سارا", "پلاک", "09121234567"):
            assert personal not in shown

    @pytest.mark.parametrize(
        "result",
        [
            TrackResult(TrackOutcome.NOT_FOUND),
            replace(STAGE, order_number=None, parcels=(parcel(),)),
        ],
        ids=["nothing found", "by tracking code"],
    )
    def test_no_order_where_none_is_known(self, result: TrackResult) -> None:
        assert "order" not in self.made(result)

    @pytest.mark.parametrize(
        "result",
        [
            STAGE,
            replace(STAGE, shop_as_of=NOW),
            whole(),
            replace(whole(), shop_as_of=NOW),
            whole(shipments=(), eta_until=None),
            TrackResult(TrackOutcome.NOT_FOUND),
        ],
    )
    def test_it_is_what_the_schema_says(self, result: TrackResult) -> None:
        message = {"recipient_id": "c", "text": "…", "custom": self.made(result)}
        jsonschema.validate([message], SCHEMA)
