"""Carriers of vendors, on servers of their shape: every case told truly, every fault a named error."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from peyk.adapters.registry import plugins
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.domain.systems import SystemKind
from peyk.errors import (
    AccessRefused,
    BadAnswer,
    NotFound,
    NotYet,
    SettingsError,
    Unavailable,
)
from tests.contract.carrier_subjects import VENDORS as OF_IRAN
from tests.contract.carrier_subjects import Subject, Vendor, subject_of
from tests.contract.carrier_subjects_abroad import ABROAD
from tests.contract.parts import FAULTS
from tests.fakes.carrier_stories import Case, story
from tests.fakes.vendor_http import Answer, Call, Fault

VENDORS = [*OF_IRAN, *ABROAD]
STATUSES = {
    Case.IN_TRANSIT: DeliveryStatus.IN_TRANSIT,
    Case.OUT_FOR_DELIVERY: DeliveryStatus.OUT_FOR_DELIVERY,
    Case.READY_FOR_PICKUP: DeliveryStatus.READY_FOR_PICKUP,
    Case.DELIVERED: DeliveryStatus.DELIVERED,
    Case.FAILED: DeliveryStatus.DELIVERY_FAILED,
    Case.RETURNED: DeliveryStatus.RETURN_TO_SENDER,
    Case.UNKNOWN: DeliveryStatus.UNKNOWN,
}
PERSIAN = re.compile("[\u0600-\u06ff]")


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.id)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(request.param) as made:
        yield made


def with_case(*cases: Case) -> pytest.MarkDecorator:
    """Run a test for every vendor and each of the cases it can show."""
    return _with(VENDORS, cases)


def with_history(*cases: Case) -> pytest.MarkDecorator:
    """Run a test for each of the cases and every vendor that tells how a parcel came where it is."""
    return _with([vendor for vendor in VENDORS if vendor.history], cases)


def _with(vendors: Iterable[Vendor], cases: Iterable[Case]) -> pytest.MarkDecorator:
    pairs = [(vendor, case) for vendor in vendors for case in cases if case in vendor.codes]
    return pytest.mark.parametrize(("vendor", "case"), pairs, ids=[f"{vendor.id}-{case}" for vendor, case in pairs])


def test_every_fault_has_its_error() -> None:
    # A 404 with JSON is a carrier's word for a number it does not know; of shops it is a fault (test_shop_feeds.py).
    assert {*FAULTS, Fault.NO_ROUTE} == set(Fault)


@with_case(*STATUSES)
def test_every_status_is_told(vendor: Vendor, case: Case) -> None:
    with subject_of(vendor) as subject:
        code = vendor.codes[case]
        found = subject.carrier().track(code)
        assert (found.carrier, found.code, found.status) == (subject.carrier().id, code, STATUSES[case])
        assert found.as_of == subject.clock.now()
        assert found.stale is False
        assert code in found.url == subject.carrier().page(code)
        assert found.parts == ()
        not_home = case is Case.FAILED
        assert found.reason == (ExceptionReason.CONSIGNEE_NOT_HOME if not_home else None)
        assert found.attempts == not_home


@with_history(*STATUSES)
def test_events_run_from_the_oldest_with_their_moments_places_and_words(vendor: Vendor, case: Case) -> None:
    with subject_of(vendor) as subject:
        events = subject.carrier().track(vendor.codes[case]).events
        lines = story(case)
        assert [(event.at, event.city) for event in events] == [(line.utc, line.city) for line in lines]
        assert [event.status.value for event in events] == [line.status for line in lines]
        for event in events:
            assert event.at.utcoffset() == timedelta(0)
            assert PERSIAN.search(event.text_fa)
            assert event.text_en
            assert not PERSIAN.search(event.text_en)


@with_case(Case.UNKNOWN)
def test_a_code_no_table_knows_is_counted_and_never_guessed(vendor: Vendor, case: Case) -> None:
    with subject_of(vendor) as subject:
        carrier = subject.carrier()
        found = carrier.track(vendor.codes[case])
        assert found.status is DeliveryStatus.UNKNOWN
        assert set(subject.unknown.codes) == {(carrier.id, vendor.unknown)}
        subject.unknown.codes.clear()
        carrier.track(vendor.codes[Case.DELIVERED])
        assert not subject.unknown.codes


@with_case(Case.UNKNOWN)
def test_the_shops_own_file_explains_it(vendor: Vendor, case: Case, tmp_path: Path) -> None:
    own = tmp_path / "statuses.yml"
    own.write_text(f'"{vendor.unknown}": {{status: on_hold, reason: carrier_damaged, en: Being looked into}}', "utf-8")
    with subject_of(vendor) as subject:
        found = subject.carrier(statuses=own).track(vendor.codes[case])
        assert (found.status, found.reason) == (DeliveryStatus.ON_HOLD, ExceptionReason.CARRIER_DAMAGED)
        assert not vendor.history or found.events[-1].text_en == "Being looked into"
        assert not subject.unknown.codes


@with_case(Case.NOT_FOUND, Case.NOT_YET)
def test_unknown_and_not_scanned_yet_are_told_apart(vendor: Vendor, case: Case) -> None:
    with subject_of(vendor) as subject:
        with pytest.raises(NotFound if case is Case.NOT_FOUND else NotYet) as caught:
            subject.carrier().track(vendor.codes[case])
        assert caught.value.system == subject.carrier().id


@with_case(Case.PARTS)
def test_several_parcels_of_one_code_keep_their_own_status(vendor: Vendor, case: Case) -> None:
    with subject_of(vendor) as subject:
        found = subject.carrier().track(vendor.codes[case])
        assert [part.status for part in found.parts] == [
            DeliveryStatus.IN_TRANSIT,
            DeliveryStatus.DELIVERED,
            DeliveryStatus.UNKNOWN,
        ]
        assert found.status is DeliveryStatus.UNKNOWN
        assert len({part.code for part in found.parts}) == 3


def test_codes_are_recognised_by_their_shape_or_by_the_shops(subject: Subject) -> None:
    carrier = subject.carrier()
    assert all(carrier.recognises(code) for code in subject.vendor.codes.values())
    assert not any(carrier.recognises(code) for code in ("", "hello", "TS-104233", "09121234567", "\u06f1" * 24))
    own = subject.carrier(pattern=r"XY\d{3}")
    assert own.recognises("XY123")
    assert not own.recognises(subject.vendor.codes[Case.DELIVERED])
    with pytest.raises(SettingsError):
        subject.carrier(pattern="(")


@pytest.mark.parametrize("code", ["", "..", "../../admin", "a b", "1/2", "1?x=2", "%2e%2e", "\u0631\u0645\u0632"])
def test_what_can_be_no_code_is_not_found_without_asking(subject: Subject, code: str) -> None:
    with pytest.raises(NotFound):
        subject.carrier().track(code)
    assert not subject.server.calls


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_named_error(subject: Subject, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    code = subject.vendor.codes[Case.DELIVERED]
    for method, part in subject.vendor.calls:
        # A new one for every call, so that none is spared by what the last one learned.
        carrier = subject.carrier()
        subject.server.fail(fault, method=method, part=part)
        with pytest.raises(FAULTS[fault]) as caught:
            carrier.track(code)
        assert caught.value.system == carrier.id
        assert not isinstance(caught.value, (NotFound, NotYet))
        whole = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(carrier.__dict__)
        assert not [secret for secret in subject.server.secrets if secret in whole]
        assert caught.value.__context__ is None
        subject.server.mend()
        subject.server.let_go()
        assert carrier.track(code).status is DeliveryStatus.DELIVERED


def test_a_404_of_a_gateway_is_no_missing_parcel(subject: Subject) -> None:
    code, good = subject.vendor.codes[Case.IN_TRANSIT], subject.server.handle
    for method, part in subject.vendor.calls:

        def handle(call: Call, method: str = method, part: str = part) -> Answer:
            moved = call.method == method and part in call.path
            return Answer(404, {"message": "no Route matched with those values"}) if moved else good(call)

        subject.server.handle = handle  # type: ignore[method-assign]
        with pytest.raises(BadAnswer):
            subject.carrier().track(code)
        seen = subject.plugin.check(subject.settings(sample=code), subject.parts)
        assert not seen.well
        assert "address" in seen.advice


def test_a_server_that_is_down_is_unavailable(subject: Subject) -> None:
    subject.server.__exit__()
    with pytest.raises(Unavailable):
        subject.carrier().track(subject.vendor.codes[Case.DELIVERED])


def test_a_passing_failure_is_not_felt(subject: Subject) -> None:
    if not subject.vendor.asks_again:
        pytest.skip("its limits leave no room for a second call")
    for method, part in subject.vendor.calls:
        subject.server.fail(Fault.SERVER_ERROR, method=method, part=part)
    found = subject.carrier(tries=4).track(subject.vendor.codes[Case.DELIVERED])
    assert found.status is DeliveryStatus.DELIVERED


def test_credentials_that_are_refused_are_no_missing_parcel(subject: Subject) -> None:
    if not subject.vendor.credentials:
        pytest.skip("it has none")
    subject.server.refusal = lambda call: Answer(401, {"message": f"no: {subject.server.secrets}"})  # type: ignore[method-assign]
    with pytest.raises(AccessRefused) as caught:
        subject.carrier().track(subject.vendor.codes[Case.DELIVERED])
    assert not [secret for secret in subject.server.secrets if secret in str(caught.value)]


def test_nothing_travels_over_plain_http(subject: Subject) -> None:
    away = subject.settings().model_copy(update={"url": "http://carrier.example.com"})
    with pytest.raises(SettingsError, match="https://"):
        subject.plugin.make(away, subject.parts)


def test_the_doctor_sees_that_all_is_well(subject: Subject) -> None:
    sample = subject.vendor.codes[Case.IN_TRANSIT]
    seen = subject.plugin.check(subject.settings(sample=sample), subject.parts)
    assert seen.well
    assert seen.credentials is (True if subject.vendor.credentials else None)
    assert "in_transit" in seen.sample
    assert seen.clock_s is not None
    assert subject.plugin.check(subject.settings(), subject.parts).well  # without a sample


@pytest.mark.parametrize("fault", FAULTS)
def test_the_doctor_names_what_is_wrong_and_what_to_do(subject: Subject, fault: Fault) -> None:
    subject.server.fail(fault, times=9)
    seen = subject.plugin.check(subject.settings(sample=subject.vendor.codes[Case.DELIVERED]), subject.parts)
    assert not seen.well
    assert seen.advice
    assert not [secret for secret in subject.server.secrets if secret in repr(seen)]
    assert seen.reachable == (FAULTS[fault] is not Unavailable)
    subject.server.let_go()


def test_every_setting_is_described_and_no_secret_is_shown() -> None:
    for each in plugins():
        if each.kind is SystemKind.CARRIER:
            assert all(field.description for field in each.settings.model_fields.values()), each.name


def test_settings_hide_their_secrets(subject: Subject) -> None:
    shown = repr(subject.settings()) + repr(subject.carrier().__dict__)
    assert not [secret for secret in subject.server.secrets if secret in shown]
