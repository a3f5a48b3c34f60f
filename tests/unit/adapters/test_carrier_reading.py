"""What Iran's carriers write: days, words, refusals, and fields a shop names itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._moments import UTC_ZONE, moment
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import city_of, to_tracking
from peyk.adapters.carriers.iran_post.page import Names
from peyk.adapters.carriers.iran_post.page import to_told as from_page
from peyk.domain.shipments import DeliveryStatus, TrackingEvent, first_of_status
from peyk.errors import BadAnswer, ExternalError, NotFound, NotYet, SettingsError
from tests.contract.carrier_subjects import Counted
from tests.unit.services.fakes import NOW

PACKAGE = "peyk.adapters.carriers.tipax"
READINGS = yaml.safe_load((Path(__file__).parents[2] / "payloads" / "readings.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("1405/08/30", "14:10", "2026-11-21T10:40:00+00:00"),
        ("\u06f1\u06f4\u06f0\u06f5/\u06f0\u06f8/\u06f3\u06f0 14:10:22", "", "2026-11-21T10:40:22+00:00"),
        ("1405-08-30T14:10:00.123", "", "2026-11-21T10:40:00+00:00"),
        ("14050830", "08:05", "2026-11-21T04:35:00+00:00"),
        ("2026-11-21T10:00:00Z", "", "2026-11-21T10:00:00+00:00"),
        ("2026-11-21 10:00:00", "", "2026-11-21T06:30:00+00:00"),
        # Before 1401 Tehran had summer time.
        ("1400/02/01", "12:00", "2021-04-21T07:30:00+00:00"),
    ],
)
def test_moments_are_read(day: str, clock: str, expected: str) -> None:
    assert moment(day, clock) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("text", READINGS["moments"])
def test_days_in_words_are_read(text: str) -> None:
    assert moment(text, "08:05") == datetime(2026, 11, 21, 4, 35, tzinfo=UTC)


@pytest.mark.parametrize(("clock", "hour"), READINGS["hours"])
def test_clocks_of_twelve_hours_are_read(clock: str, hour: int) -> None:
    for day, rest in (("2026-11-21", clock), (f"2026-11-21 {clock}", "")):
        found = moment(day, rest, UTC_ZONE)
        assert found is not None
        assert (found.hour, found.minute) == (hour, 30)


@pytest.mark.parametrize(
    ("day", "clock"),
    [("1405/13/01", "10:00"), ("1405/12/30", "10:00"), ("1405/08/30", ""), ("1405/08/30", "25:00"), ("", "10:00")],
)
def test_what_is_no_moment_is_none(day: str, clock: str) -> None:
    assert moment(day, clock) is None


@pytest.mark.parametrize(("words", "expected"), [(w, s) for s, many in READINGS["statuses"].items() for w in many])
def test_words_of_scans_are_read(words: str, expected: str) -> None:
    table = StatusTable.load("post", "peyk.adapters.carriers.iran_post", None, Counted(), persian=True)
    assert table.meaning(words, words).status.value == expected


@pytest.mark.parametrize(("words", "expected"), [(w, k) for k, many in READINGS["refusals"].items() for w in many])
def test_refusals_are_told_apart(words: str, expected: str) -> None:
    assert refusal("tipax", words).kind == expected


@pytest.mark.parametrize(("texts", "expected"), [(t, k) for k, many in READINGS["pages"].items() for t in many])
def test_every_text_of_the_page_of_post_is_read_for_itself(texts: list[str], expected: str) -> None:
    with pytest.raises(ExternalError) as caught:
        from_page("post", "".join(f"<div>{text}</div>" for text in texts), Names.load(None))
    assert caught.value.kind == expected


@pytest.mark.parametrize(("place", "city"), [(p, c) for p, c in READINGS["places"]])
def test_places_are_cities_or_nothing(place: str, city: str | None) -> None:
    assert city_of(place) == city


def told(fields: Fields, answer: Any) -> Any:
    table = StatusTable.load("tipax", PACKAGE, None, Counted(), persian=True)
    return to_tracking(fields.told(answer), table, carrier="tipax", code="1", as_of=NOW, url="")


def test_the_shops_own_names_of_fields_replace_ours(tmp_path: Path) -> None:
    own = tmp_path / "fields.yml"
    own.write_text("events: [Log.Rows]\ncode: [St]\nwords: [Txt]\ndate: [When]\nplace: [Where.0.City]\n", "utf-8")
    answer = {"Log": {"Rows": [{"St": "DELIVERED", "When": "1405/08/30 14:10", "Where": [{"City": "Shiraz"}]}]}}
    found = told(Fields.load("tipax", PACKAGE, own), answer)
    assert (found.status, found.events[0].city) == (DeliveryStatus.DELIVERED, "Shiraz")


@pytest.mark.parametrize("text", ["[1]", "words: description", "wrods: [a]", ": :"])
def test_a_file_of_fields_that_cannot_be_one_is_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "fields.yml"
    own.write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        Fields.load("tipax", PACKAGE, own)
    with pytest.raises(SettingsError):
        Fields.load("tipax", PACKAGE, tmp_path / "nowhere.yml")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        "text",
        {"events": None},
        {"events": {}},
        {"events": ["a"]},
        {"events": [{}]},
        {"events": [{"status": "DELIVERED"}]},
        {"events": [{"status": {"a": 1}, "date": "1405/08/30 14:10"}]},
        {"events": [{"date": "1405/08/30 14:10"}]},
        {"events": [{"status": "DELIVERED", "date": True, "time": "14:10"}]},
    ],
)
def test_an_answer_that_is_not_as_named_cannot_be_read(answer: Any) -> None:
    with pytest.raises(BadAnswer):
        told(Fields.load("tipax", PACKAGE, None), answer)


def test_of_scans_at_the_same_minute_the_vendors_order_counts() -> None:
    at = "1405/08/30 14:10"
    rows = [{"status": "DELIVERED", "date": at}, {"status": "OUT_FOR_DELIVERY", "date": at}]
    rows.append({"status": "IN_TRANSIT", "date": "1405/08/29 10:00"})
    for history in (rows, rows[::-1]):
        found = told(Fields.load("tipax", PACKAGE, None), {"events": history})
        assert found.status is DeliveryStatus.DELIVERED


def test_only_a_parcel_that_is_named_is_not_yet(tmp_path: Path) -> None:
    own = tmp_path / "fields.yml"
    own.write_text("named: [code]\n", "utf-8")
    with pytest.raises(NotYet):
        told(Fields.load("tipax", PACKAGE, own), {"events": [], "code": "42"})
    unnamed: list[Any] = [{"events": []}, {"events": [], "code": ""}, {"events": [], "code": None}]
    for answer in unnamed:
        with pytest.raises(NotFound):
            told(Fields.load("tipax", PACKAGE, own), answer)


def test_a_pattern_that_is_none_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "statuses.yml"
    own.write_text("'~(': {status: delivered}", "utf-8")
    with pytest.raises(SettingsError, match="regular expression"):
        StatusTable.load("tipax", PACKAGE, own, Counted())


def test_the_first_event_under_a_status_is_news() -> None:
    def event(hour: int, status: DeliveryStatus) -> TrackingEvent:
        return TrackingEvent(NOW.replace(hour=hour), status, "", "")

    moving, failed = DeliveryStatus.IN_TRANSIT, DeliveryStatus.DELIVERY_FAILED
    events = [event(1, moving), event(2, moving), event(3, failed), event(4, moving), event(5, failed)]
    assert first_of_status(events) == [events[0], events[2]]


def test_what_is_counted_holds_no_telephone() -> None:
    unknown = Counted()
    StatusTable.load("post", PACKAGE, None, unknown).meaning("call 09121234567", "call 09121234567")
    assert list(unknown.codes) == [("post", "call #")]
