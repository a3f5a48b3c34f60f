"""Answers in the vendors' own shapes, and what is made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from peyk.adapters.carriers import chapar, mahex, postex, tipax
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told, to_tracking
from peyk.adapters.carriers.chapar.mapping import to_told as from_chapar
from peyk.adapters.carriers.iran_post.page import Names
from peyk.adapters.carriers.iran_post.page import to_told as from_page
from peyk.adapters.carriers.mahex.mapping import to_told as from_mahex
from peyk.adapters.carriers.postex.mapping import to_told as from_postex
from peyk.adapters.carriers.tipax.mapping import to_told as from_tipax
from peyk.domain.shipments import DeliveryStatus, Tracking
from peyk.errors import AccessRefused, BadAnswer, NotFound, NotYet, RateLimited
from tests.contract.carrier_subjects import Counted
from tests.unit.services.fakes import NOW

PAYLOADS = Path(__file__).parents[2] / "payloads"
PACKAGES = {"postex": postex, "tipax": tipax, "chapar": chapar, "mahex": mahex}
READ: dict[str, Callable[[str, Any, Fields], Told]] = {
    "postex": from_postex,
    "tipax": from_tipax,
    "chapar": from_chapar,
    "mahex": from_mahex,
}


def read(vendor: str, answer: Any) -> Tracking:
    package = PACKAGES[vendor].__name__
    told = READ[vendor](vendor, answer, Fields.load(vendor, package, None))
    table = StatusTable.load(vendor, package, None, Counted(), persian=True)
    return to_tracking(told, table, carrier=vendor, code="42", as_of=NOW, url="")


def payload(vendor: str, name: str) -> Any:
    return json.loads((PAYLOADS / vendor / name).read_text(encoding="utf-8"))


def page(name: str) -> Tracking:
    text = (PAYLOADS / "iran_post" / name).read_text(encoding="utf-8")
    table = StatusTable.load("post", "peyk.adapters.carriers.iran_post", None, Counted(), persian=True)
    told = from_page("post", text, Names.load(None))
    return to_tracking(told, table, carrier="post", code="42", as_of=NOW, url="")


def scans(found: Tracking) -> list[tuple[datetime, str, str | None]]:
    return [(event.at, event.status.value, event.city) for event in found.events]


def utc(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_postex_days_are_local_or_friendly() -> None:
    found = read("postex", payload("postex", "delivered.json"))
    assert found.status is DeliveryStatus.DELIVERED
    assert scans(found) == [
        (utc(17, 5, 45), "picked_up", "Tehran"),
        (utc(19, 19, 35), "in_transit", "Mashhad"),
        (utc(21, 8, 10), "delivered", "Mashhad"),
    ]


def test_tipax_numbers_nobody_knows_are_read_by_their_words() -> None:
    found = read("tipax", payload("tipax", "brief_tracking.json"))
    assert found.status is DeliveryStatus.OUT_FOR_DELIVERY
    assert scans(found) == [(utc(19, 13, 30), "picked_up", "Tehran"), (utc(21, 5, 0), "out_for_delivery", "Mashhad")]


def test_chapar_counts_every_attempt() -> None:
    found = read("chapar", payload("chapar", "tracking.json"))
    assert (found.status, found.attempts) == (DeliveryStatus.DELIVERY_FAILED, 2)


def test_mahex_parcels_of_one_waybill_are_not_one_status() -> None:
    found = read("mahex", payload("mahex", "three_parcels.json"))
    assert found.status is DeliveryStatus.UNKNOWN
    assert [(part.code, part.status.value) for part in found.parts] == [
        ("42 (1/3)", "delivered"),
        ("42 (2/3)", "delivered"),
        ("42 (3/3)", "in_transit"),
    ]


def test_mahex_without_a_history_has_its_last_change() -> None:
    found = read("mahex", payload("mahex", "one_parcel.json"))
    assert (found.status, found.parts) == (DeliveryStatus.DELIVERED, ())
    assert scans(found) == [(utc(20, 9, 30), "delivered", "Shiraz")]


def test_when_a_waybill_of_mahex_was_made_is_not_when_it_was_delivered() -> None:
    answer = payload("mahex", "one_parcel.json")
    answer["data"]["create_date"] = answer["data"].pop("update_date")
    found = read("mahex", answer)
    assert (found.status, found.events) == (DeliveryStatus.DELIVERED, ())


def test_parcels_that_are_all_delivered_are_delivered() -> None:
    answer = payload("mahex", "three_parcels.json")
    answer["data"]["parcels"][2]["current_state"] = "DELIVERED"
    assert read("mahex", answer).status is DeliveryStatus.DELIVERED
    for total in (4, "4", 5000):
        answer["data"]["total_parts"] = total
        assert read("mahex", answer).status is DeliveryStatus.UNKNOWN


@pytest.mark.parametrize(
    ("code", "error"),
    [(401, AccessRefused), ("403", AccessRefused), (404, NotFound), (429, RateLimited), (500, BadAnswer)],
)
def test_mahex_says_no_in_its_envelope(code: int | str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read("mahex", {"status": {"code": code, "state": "FAILED", "message": ""}, "data": None})


@pytest.mark.parametrize("vendor", READ)
def test_an_answer_of_another_shape_is_not_a_missing_parcel(vendor: str) -> None:
    answers: list[Any] = [None, [], {}, "ok", 3, {"result": True}, {"status": {"code": 200}}, {"events": "none"}]
    for answer in answers:
        with pytest.raises(BadAnswer):
            read(vendor, answer)


def test_the_page_of_post() -> None:
    found = page("delivered.html")
    assert found.status is DeliveryStatus.DELIVERED
    assert scans(found) == [
        (utc(19, 13, 30), "picked_up", "Tehran"),
        (utc(21, 4, 40), "out_for_delivery", "Mashhad"),
        (utc(21, 8, 10), "delivered", "Mashhad"),
    ]


def test_the_page_says_itself_that_there_is_no_such_parcel() -> None:
    with pytest.raises(NotFound):
        page("not_found.html")


def test_a_page_that_has_changed_is_not_a_missing_parcel() -> None:
    with pytest.raises(BadAnswer):
        page("changed.html")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("newtddata", "td"),
        ("newtdheader", "th"),
        ('class="row', 'class="line'),
        ("pnlResult", "pnl"),
        ("11:40", "noon"),
    ],
)
def test_no_change_of_the_page_makes_a_parcel_vanish(old: str, new: str) -> None:
    text = (PAYLOADS / "iran_post" / "delivered.html").read_text(encoding="utf-8").replace(old, new)
    with pytest.raises(BadAnswer):
        from_page("post", text, Names.load(None))


def test_words_of_a_script_that_is_shown_make_no_parcel_vanish() -> None:
    text = (PAYLOADS / "iran_post" / "delivered.html").read_text(encoding="utf-8")
    shown = text.replace("<script>", "<p>").replace("pnlResult", "pnlAnswer")
    with pytest.raises(BadAnswer):
        from_page("post", shown, Names.load(None))


def test_rows_of_the_page_may_stand_in_rows() -> None:
    text = (PAYLOADS / "iran_post" / "delivered.html").read_text(encoding="utf-8")
    nested = text.replace('<div id="pnlResult">', '<div id="pnlResult" class="row"><div class="row outer">')
    assert nested != text
    read_flat, read_nested = (from_page("post", each, Names.load(None)) for each in (text, nested))
    assert read_nested.scans == read_flat.scans


def test_a_shop_can_follow_a_change_of_the_page(tmp_path: Path) -> None:
    own = tmp_path / "page.yml"
    own.write_text("cell: td\nresult: pnl\n", "utf-8")
    text = (PAYLOADS / "iran_post" / "delivered.html").read_text(encoding="utf-8")
    changed = text.replace("newtddata", "td").replace("pnlResult", "pnl")
    assert len(from_page("post", changed, Names.load(own)).scans) == 3


def test_a_parcel_that_is_known_and_not_scanned() -> None:
    told = from_page("post", "<div id='pParcelInfo'>x</div><div id='pnlResult'></div>", Names.load(None))
    table = StatusTable.load("post", "peyk.adapters.carriers.iran_post", None, Counted(), persian=True)
    with pytest.raises(NotYet):
        to_tracking(told, table, carrier="post", code="42", as_of=NOW, url="")
