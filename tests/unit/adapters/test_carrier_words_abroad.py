"""What carriers abroad have that Iran's have not: coarser codes, reasons in words, fields for towns, promised days."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from peyk.adapters._pace import Pace
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._reasons import reason_of
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Scan, State, Told, to_tracking, town_of
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.errors import RateLimited, SettingsError
from tests.contract.carrier_subjects import Counted
from tests.unit.services.fakes import NOW

ROWS = {"DL": {"status": "delivered"}, "DE": {"status": "delivery_failed"}, "IT": {"status": "in_transit"}}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Customer not available or business closed", "consignee_not_home"),
        ("Delivery attempted; recipient not home", "consignee_not_home"),
        ("Nobody was at home", "consignee_not_home"),
        ("Incorrect address", "consignee_incorrect_address"),
        ("The address is incomplete", "consignee_incorrect_address"),
        ("Shipment refused by recipient", "consignee_refused"),
        ("Clearance delay - import", "customs_clearance_delay"),
        ("Held in customs", "customs_clearance_delay"),
        ("Awaiting payment of duty", "customs_duties_unpaid"),
        ("Delay beyond our control: weather", "weather_delay"),
        ("Package was damaged in transit", "carrier_damaged"),
        ("The parcel was declared lost", "carrier_parcel_lost"),
        ("The delivery could not be completed", None),
        ("Lost time will be made up", None),
        ("", None),
    ],
)
def test_reasons_are_read_from_words(words: str, reason: str | None) -> None:
    assert reason_of(DeliveryStatus.DELIVERY_FAILED, words) == (ExceptionReason(reason) if reason else None)


def test_only_an_exception_has_a_reason() -> None:
    assert reason_of(DeliveryStatus.DELIVERED, "Left in bad weather") is None
    assert reason_of(DeliveryStatus.IN_TRANSIT, "Recipient not home") is None


@pytest.mark.parametrize(
    ("name", "town"),
    [
        ("LEIPZIG - GERMANY", "Leipzig"),
        ("Hong Kong", "Hong Kong"),
        ("K\u00f6ln, DE", "K\u00f6ln"),
        ("NEW YORK (JFK)", "New York"),
        ("DISTRICT 3", None),
        ("12 Main Street", None),
        ("x" * 70, None),
        ("\u062a\u0647\u0631\u0627\u0646", None),
        ("", None),
    ],
)
def test_towns_are_names_and_nothing_else(name: str, town: str | None) -> None:
    assert town_of(name) == town


def test_a_coarser_code_decides_where_the_finer_is_new_and_it_is_counted() -> None:
    counted = Counted()
    told = Told([Scan(NOW, "X1", "On its way", kind="IT")], State("X2", kind="DE", why="Recipient not home"))
    found = to_tracking(told, StatusTable("fedex", ROWS, counted), carrier="fedex", code="1", as_of=NOW, url="")
    assert found.events[0].status is DeliveryStatus.IN_TRANSIT
    assert (found.status, found.reason) == (DeliveryStatus.DELIVERY_FAILED, ExceptionReason.CONSIGNEE_NOT_HOME)
    assert set(counted.codes) == {("fedex", "X1"), ("fedex", "X2")}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Shipment is out with courier for delivery", "out_for_delivery"),
        ("OUT FOR DELIVERY", "out_for_delivery"),
        ("With delivery courier", "out_for_delivery"),
        ("The shipment has been loaded onto the delivery vehicle", "out_for_delivery"),
        ("Shipment picked up", "picked_up"),
        ("The shipment is ready for pick-up at the Packstation", "ready_for_pickup"),
        ("The shipment is being returned to the sender", "return_to_sender"),
        ("Held by customs", "on_hold"),
        ("Shipment on hold", "on_hold"),
        # What will be or would be is not yet.
        ("Will be out for delivery tomorrow", "in_transit"),
        ("The shipment will be returned to sender if it is not collected", "in_transit"),
        ("Scheduled to be picked up", "in_transit"),
        ("Processed at LEIPZIG", "in_transit"),
        ("", "in_transit"),
    ],
)
def test_one_code_of_dhl_is_narrowed_down_by_words(words: str, status: str) -> None:
    table = StatusTable.load("dhl", "peyk.adapters.carriers.dhl", None, Counted())
    assert table.meaning("transit", words).status.value == status
    assert table.meaning("unknown", words).status is DeliveryStatus.UNKNOWN


def test_a_shop_may_narrow_a_code_down_and_a_new_code_is_not_read_by_its_words(tmp_path: Path) -> None:
    own = tmp_path / "statuses.yml"
    own.write_text("'Transit ~packstation': {status: ready_for_pickup}\n", encoding="utf-8")
    counted = Counted()
    table = StatusTable.load("dhl", "peyk.adapters.carriers.dhl", own, counted)
    assert table.meaning("TRANSIT", "Now at Packstation 12").status is DeliveryStatus.READY_FOR_PICKUP
    assert table.meaning("QX7", "Out for delivery").status is DeliveryStatus.UNKNOWN
    assert set(counted.codes) == {("dhl", "QX7")}
    own.write_text("'transit ~(': {status: ready_for_pickup}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="regular expression"):
        StatusTable.load("dhl", "peyk.adapters.carriers.dhl", own, counted)


def test_two_new_codes_are_unknown() -> None:
    told = Told([Scan(NOW, "X1", kind="X")])
    found = to_tracking(told, StatusTable("fedex", ROWS, Counted()), carrier="fedex", code="1", as_of=NOW, url="")
    assert found.status is DeliveryStatus.UNKNOWN


@pytest.mark.parametrize(
    ("eta", "expected"),
    [
        ("2026-11-22T14:00:00+01:00", datetime(2026, 11, 22, 13, 0, tzinfo=UTC)),
        # A day is kept on its last minute, where it is.
        ("2026-11-22T00:00:00+01:00", datetime(2026, 11, 22, 22, 59, tzinfo=UTC)),
        ("2026-11-22T00:00:00.000Z", datetime(2026, 11, 22, 23, 59, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, 22, 59, tzinfo=UTC)),
        ("2026-11-22T10:00:00", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
        ("soon", None),
        (None, None),
    ],
)
def test_a_promised_day_is_its_end(eta: str | None, expected: datetime | None) -> None:
    places = {"state": ["state"], "eta": ["eta"]}
    answer: dict[str, Any] = {"state": "IT", "eta": eta}
    assert Fields("dhl", places, ZoneInfo("Europe/Berlin")).told(answer).eta == expected


def test_what_is_counted_apart_has_places_of_its_own() -> None:
    codes, calls = Pace("17track", "1/day"), Pace("17track", "1/day", what="calls")
    codes.take()
    calls.take()
    with pytest.raises(RateLimited) as caught:
        calls.take()
    assert caught.value.system == "17track"
