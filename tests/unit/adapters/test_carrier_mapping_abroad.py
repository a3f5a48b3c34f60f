"""Answers in the shapes of DHL, FedEx and 17TRACK, and what is made of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from peyk.adapters.carriers import dhl, fedex, seventeentrack
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told, to_tracking
from peyk.adapters.carriers.dhl.mapping import to_told as from_dhl
from peyk.adapters.carriers.fedex.mapping import to_told as from_fedex
from peyk.adapters.carriers.seventeentrack import mapping as track17
from peyk.domain.shipments import DeliveryStatus, ExceptionReason, Tracking
from peyk.errors import BadAnswer, ExternalError, NotFound, NotYet
from tests.contract.carrier_subjects import Counted
from tests.unit.services.fakes import NOW

PAYLOADS = Path(__file__).parents[2] / "payloads"
EE = "EE876543216CN"
PACKAGES = {"dhl": dhl.__name__, "fedex": fedex.__name__, "17track": seventeentrack.__name__}


def from_17track(system: str, answer: Any, fields: Fields) -> Told:
    found = track17.accepted(system, track17.data_of(system, answer), EE)
    return track17.to_told(system, found or [], fields, new=False)


READ: dict[str, Callable[[str, Any, Fields], Told]] = {
    "dhl": lambda system, answer, fields: from_dhl(system, answer, fields, "JJD000390016620026459"),
    "fedex": from_fedex,
    "17track": from_17track,
}


@cache
def fields_of(vendor: str, zone: str = "UTC") -> Fields:
    return Fields.load(vendor, PACKAGES[vendor], None, ZoneInfo(zone))


def read(vendor: str, answer: Any, counted: Counted | None = None, zone: str = "UTC") -> Tracking:
    told = READ[vendor](vendor, answer, fields_of(vendor, zone))
    table = StatusTable.load(vendor, PACKAGES[vendor], None, counted or Counted())
    return to_tracking(told, table, carrier=vendor, code="42", as_of=NOW, url="")


def payload(vendor: str, name: str) -> Any:
    return json.loads((PAYLOADS / vendor / name).read_text(encoding="utf-8"))


def scans(found: Tracking) -> list[tuple[datetime, str, str | None, str]]:
    return [(event.at, event.status.value, event.city, event.text_en) for event in found.events]


def utc(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_failure_of_dhl_has_the_reason_its_words_give() -> None:
    found = read("dhl", payload("dhl", "parcel_de.json"), zone="Europe/Vienna")
    failed = "The shipment could not be delivered because the recipient was not available"
    assert (found.status, found.reason) == (DeliveryStatus.DELIVERY_FAILED, ExceptionReason.CONSIGNEE_NOT_HOME)
    assert (found.attempts, found.eta) == (1, utc(21, 22, 59))
    told = "The instruction data for this shipment have been provided by the sender"
    assert scans(found) == [
        (utc(18, 8, 0), "pending", None, told),
        (utc(19, 22, 10), "in_transit", "Vienna", "The shipment has arrived in the destination country"),
        (utc(20, 13, 5), "delivery_failed", "Klosterneuburg", failed),
    ]


def test_a_failure_of_dhl_without_a_reason_is_neither_lost_nor_anybodys_fault() -> None:
    answer = payload("dhl", "parcel_de.json")
    answer["shipments"][0]["status"] |= {"description": "Delivery unsuccessful", "remark": ""}
    found = read("dhl", answer)
    assert (found.status, found.reason) == (DeliveryStatus.DELIVERY_FAILED, None)


def test_a_label_of_dhl_is_pending_since_its_last_change() -> None:
    found = read("dhl", payload("dhl", "label.json"))
    assert found.status is DeliveryStatus.PENDING
    assert scans(found) == [(utc(21, 8, 0), "pending", None, "Shipment information received")]


def test_an_exception_of_fedex_and_a_code_that_is_new() -> None:
    counted = Counted()
    found = read("fedex", payload("fedex", "exception.json"), counted)
    assert (found.status, found.reason) == (DeliveryStatus.DELIVERY_FAILED, ExceptionReason.CONSIGNEE_NOT_HOME)
    assert (found.attempts, found.eta) == (1, datetime(2026, 11, 24, 7, 59, tzinfo=UTC))
    assert [(at, status, city) for at, status, city, _ in scans(found)] == [
        (utc(18, 0, 20), "picked_up", None),
        # FedEx's own coarser code says what the new one is.
        (utc(18, 8, 3), "in_transit", "Memphis"),
        (utc(20, 15, 15), "out_for_delivery", "Seattle"),
        (utc(21, 0, 42), "delivery_failed", "Seattle"),
    ]
    assert set(counted.codes) == {("fedex", "ZQ")}


def test_scans_of_two_posts_are_one_history() -> None:
    counted = Counted()
    found = read("17track", payload("17track", "two_posts.json"), counted)
    assert (found.status, found.reason) == (DeliveryStatus.ON_HOLD, ExceptionReason.CUSTOMS_CLEARANCE_DELAY)
    assert found.eta is None
    assert scans(found) == [
        (utc(14, 10, 30), "picked_up", None, "Accepted at the post office"),
        # In no class of 17TRACK's: unknown, and no new code.
        (utc(15, 1, 30), "unknown", None, "Sorting"),
        (utc(16, 13, 0), "in_transit", "Shenzhen", "Flight departed"),
        (utc(20, 6, 45), "on_hold", "Tehran", "Held by customs"),
    ]
    assert set(counted.codes) == {("17track", "InTransit_Airborne")}


@pytest.mark.parametrize(
    ("status", "expected", "reason"),
    [
        ("Exception_Returning", "return_to_sender", None),
        ("Exception_Lost", "on_hold", "carrier_parcel_lost"),
        ("Exception_Other", "unknown", None),
        ("Expired_Other", "unknown", None),
        ("DeliveryFailure_Rejected", "delivery_failed", "consignee_refused"),
        ("AvailableForPickup_Other", "ready_for_pickup", None),
    ],
)
def test_classes_of_17track(status: str, expected: str, reason: str | None) -> None:
    counted, answer = Counted(), payload("17track", "two_posts.json")
    info = answer["data"]["accepted"][0]["track_info"]
    info["latest_status"] = {"status": status.partition("_")[0], "sub_status": status}
    info["tracking"] = None
    found = read("17track", answer, counted)
    assert (found.status.value, found.reason, found.events) == (expected, reason, ())
    assert not counted.codes


@pytest.mark.parametrize(
    ("sub_status", "new", "expected"),
    [
        ("NotFound_Other", True, NotYet),
        ("NotFound_Other", False, NotFound),
        ("NotFound_InvalidCode", True, NotFound),
        (None, True, NotYet),
    ],
)
def test_what_17track_has_nothing_of(sub_status: str | None, new: bool, expected: type[Exception]) -> None:
    item = {"number": EE, "track_info": {"latest_status": {"status": "NotFound", "sub_status": sub_status}}}
    with pytest.raises(expected):
        track17.to_told("17track", [item], fields_of("17track"), new=new)


def test_of_two_carriers_of_one_code_the_one_that_knows_it_counts() -> None:
    answer = payload("17track", "two_posts.json")
    stranger = {"number": EE, "carrier": 1, "track_info": {"latest_status": {"status": "NotFound"}}}
    answer["data"]["accepted"].insert(0, stranger)
    assert read("17track", answer).status is DeliveryStatus.ON_HOLD


def test_of_two_carriers_that_know_parcels_of_one_code_neither_is_told() -> None:
    answer = payload("17track", "two_posts.json")
    (first,) = answer["data"]["accepted"]
    answer["data"]["accepted"].append({**first, "carrier": 1})
    with pytest.raises(BadAnswer, match="PEYK_17TRACK_CARRIER_CODE"):
        read("17track", answer)
    # Twice the same one is one.
    answer["data"]["accepted"][1]["carrier"] = first["carrier"]
    assert read("17track", answer).status is DeliveryStatus.ON_HOLD


def test_what_may_be_picked_up_at_a_location_of_fedex_is_ready() -> None:
    table = StatusTable.load("fedex", PACKAGES["fedex"], None, Counted())
    assert {table.meaning(code).status for code in ("HL", "HP")} == {DeliveryStatus.READY_FOR_PICKUP}


def test_what_is_told_of_another_code_is_not_read() -> None:
    answer = payload("17track", "two_posts.json")
    answer["data"]["accepted"][0]["number"] = "EE123456785CN"
    with pytest.raises(BadAnswer):
        read("17track", answer)


@pytest.mark.parametrize("vendor", READ)
def test_an_answer_of_another_shape_is_not_a_missing_parcel(vendor: str) -> None:
    answers: list[Any] = [
        None,
        [],
        {},
        "ok",
        3,
        {"shipments": {}},
        {"shipments": [3]},
        {"shipments": [{}]},
        {"output": None},
        {"output": {"completeTrackResults": []}},
        {"output": {"completeTrackResults": [{"trackResults": [{}]}]}},
        {"errors": []},
        {"errors": [{}]},
        {"code": "0", "data": {}},
        {"code": 0, "data": []},
        {"code": 0, "data": {"accepted": {}, "rejected": []}},
        {"code": 0, "data": {"accepted": [{"number": EE, "track_info": None}]}},
        {"code": 0, "data": {"accepted": [], "rejected": [{"number": EE, "error": None}]}},
        {"code": True, "data": {"errors": [7]}},
    ]
    for answer in answers:
        with pytest.raises(BadAnswer):
            read(vendor, answer)


WRONG: list[Any] = [None, 3, -0.5, True, "", "x", "\u06f1", [], {}, [[]], [None], {"x": []}]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list of an answer, with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


@pytest.mark.parametrize(
    ("vendor", "name"), [("dhl", "parcel_de.json"), ("fedex", "exception.json"), ("17track", "two_posts.json")]
)
def test_whatever_is_wrong_with_an_answer_it_is_read_or_has_a_name(vendor: str, name: str) -> None:
    answer = payload(vendor, name)
    table = StatusTable.load(vendor, PACKAGES[vendor], None, Counted())
    for holder, key in places(answer):
        kept = holder[key]
        for wrong in WRONG:
            holder[key] = wrong
            try:
                told = READ[vendor](vendor, answer, fields_of(vendor))
                to_tracking(told, table, carrier=vendor, code="42", as_of=NOW, url="")
            except ExternalError as exc:
                assert exc.system == vendor  # noqa: PT017
        holder[key] = kept
    assert read(vendor, answer).events


@pytest.mark.parametrize("vendor", READ)
def test_tables_hold_what_can_be_read(vendor: str) -> None:
    """Every line names a status there is; DHL's `unknown` and `failure` are neither late nor lost."""
    rows = yaml.safe_load(files(PACKAGES[vendor]).joinpath("statuses.yml").read_text(encoding="utf-8"))
    assert StatusTable.load(vendor, PACKAGES[vendor], None, Counted()).meaning(next(iter(rows))).fa
    if vendor == "dhl":
        assert (rows["unknown"], rows["failure"]) == ({"status": "unknown"}, {"status": "delivery_failed"})
