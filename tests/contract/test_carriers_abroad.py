"""What each of the carriers abroad has of its own, on its fake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from peyk.adapters._pace import UsedUp
from peyk.domain.shipments import DeliveryStatus
from peyk.errors import (
    AccessRefused,
    BadAnswer,
    ExternalError,
    NotFound,
    NotYet,
    RateLimited,
    SettingsError,
    Unavailable,
)
from tests.contract.carrier_subjects import Subject, code, of, subject_of
from tests.contract.carrier_subjects_abroad import ABROAD, seventeen
from tests.fakes import dhl, fedex, seventeentrack
from tests.fakes.carrier_stories import Case, story
from tests.fakes.vendor_http import Answer, Call, Fault


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(next(vendor for vendor in ABROAD if vendor.name == request.param)) as made:
        yield made


@of("dhl")
def test_dhl_is_asked_in_english_for_the_service_and_the_postal_code_that_are_set(subject: Subject) -> None:
    subject.carrier(service="express", recipient_postal_code="53113").track(code(subject))
    subject.carrier().track(code(subject))
    exact, plain = (call.query for call in subject.server.calls)
    assert exact == {"trackingNumber": code(subject), "language": "en", "service": "express"} | {
        "recipientPostalCode": "53113"
    }
    assert plain == {"trackingNumber": code(subject), "language": "en"}


@of("dhl")
@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RESET, Fault.RATE_LIMITED])
def test_dhl_is_not_asked_twice(subject: Subject, fault: Fault) -> None:
    subject.server.fail(fault, retry_after="1")
    with pytest.raises((Unavailable, RateLimited)):
        subject.carrier(tries=4).track(code(subject))
    assert len(subject.server.calls) == 1


@of("dhl")
def test_dhl_has_careful_defaults(subject: Subject) -> None:
    settings = subject.settings()
    assert (settings.pace, settings.fresh_minutes) == ("1/5 second; 250/day", 180)  # type: ignore[attr-defined]


@of("dhl")
def test_of_several_shipments_of_dhl_the_numbers_own_and_of_these_the_newest_counts(subject: Subject) -> None:
    assert isinstance(subject.server, dhl.FakeDhl)
    asked = code(subject, Case.IN_TRANSIT)
    subject.server.others = [
        dhl.shipment(f"{asked}99", story(Case.DELIVERED), "freight"),
        dhl.shipment(asked, story(Case.FAILED), "ecommerce"),
        dhl.shipment(asked, story(Case.IN_TRANSIT)[:1], "parcel-de"),
    ]
    assert subject.carrier().track(asked).status is DeliveryStatus.DELIVERY_FAILED


@of("dhl")
def test_of_several_shipments_of_dhl_with_other_numbers_none_is_told(subject: Subject) -> None:
    strangers = [dhl.shipment(number, story(Case.DELIVERED)) for number in ("111", "222")]
    subject.server.handle = lambda call: Answer(200, {"shipments": strangers})  # type: ignore[method-assign]
    with pytest.raises(BadAnswer):
        subject.carrier().track(code(subject))
    del strangers[1]
    assert subject.carrier().track(code(subject)).status is DeliveryStatus.DELIVERED


@of("dhl")
def test_no_shipment_at_all_is_not_found(subject: Subject) -> None:
    subject.server.handle = lambda call: Answer(200, {"shipments": []})  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        subject.carrier().track(code(subject))


@of("dhl")
def test_what_dhl_does_not_know_is_unknown_and_no_new_code(subject: Subject) -> None:
    told = dhl.shipment("1", story(Case.IN_TRANSIT))
    told["status"]["statusCode"] = "unknown"
    subject.server.handle = lambda call: Answer(200, {"shipments": [told]})  # type: ignore[method-assign]
    found = subject.carrier().track(code(subject))
    assert (found.status, found.reason) == (DeliveryStatus.UNKNOWN, None)
    assert not subject.unknown.codes


@of("dhl")
def test_nobody_who_signed_is_told(subject: Subject) -> None:
    found = subject.carrier().track(code(subject))
    assert "NEIGHBOUR" not in repr(found)


@of("dhl")
def test_moments_without_a_zone_are_of_the_zone_that_is_set(subject: Subject) -> None:
    told = dhl.shipment("1", story(Case.IN_TRANSIT))
    told["events"][0]["timestamp"] = "2026-11-20T12:00:00"
    subject.server.handle = lambda call: Answer(200, {"shipments": [told]})  # type: ignore[method-assign]
    for zone, hour in (("UTC", 12), ("Europe/Berlin", 11)):
        assert subject.carrier(zone=zone).track(code(subject)).events[-1].at.hour == hour
    for wrong in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(SettingsError, match="PEYK_DHL_ZONE"):
            subject.carrier(zone=wrong)


@pytest.mark.parametrize("subject", ["dhl", "fedex", "17track"], indirect=True)
def test_an_address_where_nothing_answers_is_no_missing_parcel(subject: Subject) -> None:
    subject.server.handle = lambda call: Answer(404, raw=b"")  # type: ignore[method-assign]
    with pytest.raises(BadAnswer):
        subject.carrier().track(code(subject))


@pytest.mark.parametrize(
    ("subject", "known", "strange"),
    [
        ("dhl", ["1234567890", "JJD0099999999", "JD014600003889018841"], ["123456789", "JJD1", "RR000047117CN"]),
        ("fedex", ["1" * 12, "1" * 15, "1" * 20], ["1" * 13, "1" * 14, "1" * 21, "1234567890"]),
        # The check digit of the last is wrong.
        ("17track", ["RR123456785IR", "EE876543216CN"], ["RR12345678IR", "1" * 24, "RR123456784IR"]),
    ],
    indirect=["subject"],
)
def test_shapes_of_codes(subject: Subject, known: list[str], strange: list[str]) -> None:
    carrier = subject.carrier()
    assert [each for each in known if not carrier.recognises(each)] == []
    assert [each for each in strange if carrier.recognises(each)] == []


@of("fedex")
def test_fedex_gives_one_token_for_many_calls_and_a_new_one_when_it_is_refused(subject: Subject) -> None:
    assert isinstance(subject.server, fedex.FakeFedex)
    carrier = subject.carrier()
    for _ in range(3):
        carrier.track(code(subject))
    assert len(subject.server.made("POST", "/oauth/token")) == 1
    subject.server.revoke()
    assert carrier.track(code(subject)).status is DeliveryStatus.DELIVERED
    assert len(subject.server.made("POST", "/oauth/token")) == 2


@of("fedex")
def test_a_wrong_secret_of_fedex_is_refused_and_not_repeated_to_anybody(subject: Subject) -> None:
    wrong: dict[str, Any] = {"client_secret": SecretStr("wrong-one-9")}
    with pytest.raises(AccessRefused) as caught:
        subject.carrier(**wrong).track(code(subject))
    assert "wrong-one-9" not in str(caught.value)
    assert subject.plugin.check(subject.settings(**wrong), subject.parts).credentials is False


@of("fedex")
def test_of_a_number_that_was_used_again_the_newest_parcel_counts(subject: Subject) -> None:
    assert isinstance(subject.server, fedex.FakeFedex)
    # An earlier parcel was delivered on a day before the first scan of today's.
    asked = code(subject, Case.IN_TRANSIT)
    earlier = fedex.result(story(Case.DELIVERED))
    for scan in earlier["scanEvents"]:
        scan["date"] = scan["date"].replace("2026-", "2024-")
    subject.server.others = [earlier, {"error": fedex.NOT_FOUND}]
    assert subject.carrier().track(asked).status is DeliveryStatus.IN_TRANSIT


@of("fedex")
def test_a_number_that_was_used_again_and_has_no_scan_yet_is_not_last_years_parcel(subject: Subject) -> None:
    assert isinstance(subject.server, fedex.FakeFedex)
    asked, good = code(subject, Case.DELIVERED), subject.server.handle
    label = fedex.result(story(Case.IN_TRANSIT)[:1])
    label |= {"latestStatusDetail": {"code": "OC", "description": "Label created"}, "scanEvents": []}
    subject.server.others = [label]
    # The label's dates are of today; the parcel that was delivered is of last year.
    for last_year, expected in ((True, DeliveryStatus.PENDING), (False, DeliveryStatus.DELIVERED)):

        def handle(call: Call, last_year: bool = last_year) -> Answer:
            answer = good(call)
            for complete in (answer.body or {}).get("output", {}).get("completeTrackResults", []):
                for scan in complete["trackResults"][-1]["scanEvents"] if last_year else ():
                    scan["date"] = scan["date"].replace("2026-", "2025-")
            return answer

        subject.server.handle = handle  # type: ignore[method-assign]
        label["dateAndTimes"] = [{"type": "SHIP", "dateTime": "2026-11-01T00:00:00+03:30"}]
        assert subject.carrier().track(asked).status is expected
    label["dateAndTimes"] = []
    with pytest.raises(BadAnswer, match="several parcels"):
        subject.carrier().track(asked)


@of("fedex")
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "x"}, NotFound),
        ({"code": "TRACKING.TRACKINGNUMBER.INVALID", "message": "x"}, NotFound),
        ({"code": "LOGIN.REAUTHENTICATE.ERROR", "message": "Invalid token"}, AccessRefused),
        ({"code": "RATE.LIMIT", "message": "Too many requests"}, RateLimited),
        ({"code": "SYSTEM.UNEXPECTED.ERROR", "message": f"down for {fedex.SECRET}"}, BadAnswer),
        ("no object", BadAnswer),
    ],
)
def test_errors_of_fedex_inside_a_200(subject: Subject, error: object, expected: type[ExternalError]) -> None:
    server, good = subject.server, subject.server.handle
    bodies = [{"errors": [error]}, {"output": {"completeTrackResults": [{"trackResults": [{"error": error}]}]}}]
    for body in bodies:
        server.handle = lambda call, body=body: good(call) if "token" in call.path else Answer(200, body)  # type: ignore[method-assign,misc]
        with pytest.raises(expected) as caught:
            subject.carrier().track(code(subject))
        assert type(caught.value) is expected
        assert fedex.SECRET not in str(caught.value)


@of("17track")
def test_a_code_is_registered_once_whoever_asks(subject: Subject) -> None:
    server = seventeen(subject)
    carrier = subject.carrier()
    for _ in range(3):
        carrier.track(code(subject))
    subject.carrier().track(code(subject))
    assert len(server.made("POST", "/register")) == 1
    assert server.quota == 99
    assert [len(call.body) for call in server.calls] == [1] * len(server.calls)


@of("17track")
def test_a_code_somebody_else_registers_in_between_is_told(subject: Subject) -> None:
    server, good = seventeen(subject), subject.server.handle

    def handle(call: Call) -> Answer:
        answer = good(call)
        server.registered.add(code(subject))
        return answer

    server.handle = handle  # type: ignore[method-assign]
    assert subject.carrier().track(code(subject)).status is DeliveryStatus.DELIVERED
    assert len(server.made("POST", "/register")) == 1
    assert server.quota == 100


@of("17track")
def test_calls_are_counted_and_not_codes(subject: Subject) -> None:
    carrier = subject.carrier(pace="3/hour")
    # Unknown, registered, told: three calls.
    carrier.track(code(subject))
    with pytest.raises(RateLimited):
        carrier.track(code(subject))
    assert len(subject.server.calls) == 3
    assert subject.plugin.settings.model_fields["pace"].default == "3/second"


@of("17track")
def test_nothing_known_just_after_registering_is_not_yet_and_later_not_found(subject: Subject) -> None:
    carrier, asked = subject.carrier(), code(subject, Case.NOT_YET)
    with pytest.raises(NotYet):
        carrier.track(asked)
    subject.clock.advance(hours=5)
    with pytest.raises(NotYet):
        carrier.track(asked)
    subject.clock.advance(hours=1)
    with pytest.raises(NotFound):
        carrier.track(asked)


@of("17track")
def test_when_a_code_was_registered_may_stand_in_the_answer(subject: Subject) -> None:
    server, asked = seventeen(subject), code(subject, Case.NOT_YET)
    server.registered.add(asked)
    server.registered_at = (subject.clock.now() - timedelta(hours=1)).isoformat()
    with pytest.raises(NotYet):
        subject.carrier().track(asked)
    subject.clock.advance(hours=5)
    with pytest.raises(NotFound):
        subject.carrier().track(asked)


@of("17track")
@pytest.mark.parametrize(
    ("rejection", "expected"),
    [
        (-18010003, Unavailable),
        (-18010012, NotFound),
        (-18010014, RateLimited),
        (-18019903, BadAnswer),
        (-18019907, UsedUp),
        (-18019908, UsedUp),
        (-18019909, NotYet),
        (-18019910, BadAnswer),
        (4013, BadAnswer),
        (-1, BadAnswer),
    ],
)
def test_rejections_are_told_apart(subject: Subject, rejection: int, expected: type[ExternalError]) -> None:
    seventeen(subject).rejects = rejection
    with pytest.raises(expected) as caught:
        subject.carrier().track(code(subject))
    assert type(caught.value) is expected


@of("17track")
@pytest.mark.parametrize(
    ("error", "expected"),
    [(-18010001, AccessRefused), (-18010002, AccessRefused), (-18010004, AccessRefused), (-18010012, BadAnswer)],
)
def test_errors_of_the_whole_request_are_never_a_missing_parcel(
    subject: Subject, error: int, expected: type[ExternalError]
) -> None:
    body = {"code": error, "data": {"errors": [{"code": error, "message": f"no {seventeentrack.KEY}"}]}}
    subject.server.handle = lambda call: Answer(200, body)  # type: ignore[method-assign]
    with pytest.raises(expected) as caught:
        subject.carrier().track(code(subject))
    assert seventeentrack.KEY not in str(caught.value)


@of("17track")
def test_the_carrier_is_named_where_the_code_does_not_name_it(subject: Subject) -> None:
    server, asked = seventeen(subject), code(subject)
    server.ambiguous = {asked}
    with pytest.raises(BadAnswer, match="PEYK_17TRACK_CARRIER_CODE"):
        subject.carrier().track(asked)
    assert subject.carrier(carrier_code=9031).track(asked).status is DeliveryStatus.DELIVERED
    assert {call.body[0].get("carrier") for call in server.calls} == {None, 9031}


@of("17track")
def test_it_may_answer_for_a_carrier(subject: Subject) -> None:
    carrier = subject.carrier(carrier="post")
    assert (carrier.id, carrier.track(code(subject)).carrier) == ("post", "post")
    with pytest.raises(NotFound) as caught:
        carrier.track(code(subject, Case.NOT_FOUND))
    assert caught.value.system == "post"


@of("17track")
def test_the_doctor_reads_the_quota_and_registers_nothing(subject: Subject) -> None:
    server = seventeen(subject)
    seen = subject.plugin.check(subject.settings(), subject.parts)
    assert (seen.well, seen.quota, server.registered) == (True, "100 codes", set())
    server.quota = 0
    empty = subject.plugin.check(subject.settings(), subject.parts)
    assert not empty.well
    assert "quota" in empty.advice


@of("17track")
def test_a_doctor_who_is_not_told_the_quota_says_none(subject: Subject) -> None:
    subject.server.handle = lambda call: Answer(200, {"code": 0, "data": {}})  # type: ignore[method-assign]
    seen = subject.plugin.check(subject.settings(), subject.parts)
    assert (seen.well, seen.quota) == (True, "")
