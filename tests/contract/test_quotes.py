"""Prices before buying: each vendor on its fake, every fault a named error, and the fake of the services alike."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from peyk.adapters._guard import Guard
from peyk.adapters._pace import Pace, UsedUp
from peyk.adapters._resilience import GuardedQuotes
from peyk.adapters.carriers._kept_quotes import KeptQuotes
from peyk.adapters.carriers.postex import PostexSettings
from peyk.adapters.carriers.tipax import TipaxSettings
from peyk.adapters.carriers.tipax.client import WeightUnit
from peyk.adapters.registry import plugin
from peyk.domain.shipping import ShippingQuote
from peyk.domain.systems import SystemKind
from peyk.errors import AccessRefused, BadAnswer, NotFound, SettingsError, Unavailable
from peyk.ports.quotes import ShippingQuotes
from tests.contract.parts import FAULTS, parts_for_tests
from tests.fakes import postex, tipax
from tests.fakes.carrier_stories import FakeCarrierVendor
from tests.fakes.vendor_http import Answer, Fault
from tests.unit.services.fakes import FakeClock
from tests.unit.services.quotes import FakeQuotes

CITIES = "شیراز: {shiraz}\nTehran: {tehran}\nRasht: {nowhere}\n"


@dataclass(frozen=True)
class Vendor:
    """A vendor's fake, the settings that lead to it, and what a kilogram to Shiraz costs by its cheapest way."""

    name: str
    fake: Callable[[], FakeCarrierVendor]
    settings: Callable[[str], Any]
    codes: tuple[int, int, int]
    calls: tuple[tuple[str, str], ...]
    kilogram: tuple[str, int, int | None]


def _tipax(url: str) -> TipaxSettings:
    user, password, key = SecretStr(tipax.USER), SecretStr(tipax.PASSWORD), SecretStr(tipax.KEY)
    return TipaxSettings(user=user, password=password, api_key=key, url=f"{url}/api/OM/v3")


VENDORS = [
    Vendor(
        "postex",
        postex.FakePostex,
        lambda url: PostexSettings(url=url, api_key=SecretStr(postex.KEY)),
        (postex.SHIRAZ, postex.TEHRAN, postex.NOWHERE),
        (("POST", "/shipping/quotes"),),
        ("post", 590_000, 4),
    ),
    Vendor(
        "tipax",
        tipax.FakeTipax,
        _tipax,
        (tipax.SHIRAZ, tipax.TEHRAN, tipax.NOWHERE),
        (("POST", "/Account/token"), ("POST", "/Pricing")),
        ("tipax", 900_000, None),
    ),
]


@dataclass
class Subject:
    """A vendor and its running server."""

    vendor: Vendor
    server: FakeCarrierVendor
    cities: Path
    clock: FakeClock

    def settings(self, **changes: Any) -> Any:
        plain = {"from_city": "1", "cities": self.cities}
        return self.vendor.settings(self.server.url).model_copy(update=plain | changes)

    def quotes(self, tries: int = 1, **changes: Any) -> ShippingQuotes:
        make = plugin(self.vendor.name, SystemKind.CARRIER).quotes
        assert make is not None
        return make(self.settings(**changes), parts_for_tests(self.clock, tries=tries))

    def check(self, **changes: Any) -> Any:
        check = plugin(self.vendor.name, SystemKind.CARRIER).check_quotes
        assert check is not None
        return check(self.settings(**changes), parts_for_tests(self.clock))


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    vendor: Vendor = request.param
    cities = tmp_path / "cities.yml"
    shiraz, tehran, nowhere = vendor.codes
    cities.write_text(CITIES.format(shiraz=shiraz, tehran=tehran, nowhere=nowhere), encoding="utf-8")
    with vendor.fake() as server:
        yield Subject(vendor, server, cities, FakeClock())


def test_the_price_to_a_city_with_its_moment_and_its_source(subject: Subject) -> None:
    found = subject.quotes().quotes("Shiraz", 1000)
    carrier, rial, days = subject.vendor.kilogram
    assert (found[0].carrier, found[0].cost_rial, found[0].days) == (carrier, rial, days)
    assert {(each.as_of, each.source) for each in found} == {(subject.clock.now(), subject.vendor.name)}
    assert [each.cost_rial for each in found] == sorted(each.cost_rial for each in found)


def test_a_heavier_parcel_costs_more(subject: Subject) -> None:
    quotes = subject.quotes()
    assert quotes.quotes("Shiraz", 5000)[0].cost_rial > quotes.quotes("Shiraz", 1000)[0].cost_rial


def test_a_city_without_a_way_and_one_without_a_code_are_not_found(subject: Subject) -> None:
    quotes = subject.quotes()
    for city in ("Rasht", "London"):
        with pytest.raises(NotFound):
            quotes.quotes(city, 1000)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_named_error(subject: Subject, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for method, part in subject.vendor.calls:
        quotes = subject.quotes()
        subject.server.fail(fault, method=method, part=part)
        with pytest.raises(FAULTS[fault]) as caught:
            quotes.quotes("Shiraz", 1000)
        assert caught.value.system == subject.vendor.name
        whole = "".join(traceback.format_exception(caught.value)) + caplog.text
        assert not [secret for secret in subject.server.secrets if secret in whole]
        subject.server.mend()
        subject.server.let_go()
        assert quotes.quotes("Shiraz", 1000)


def test_a_server_that_is_down_is_unavailable(subject: Subject) -> None:
    subject.server.__exit__()
    with pytest.raises(Unavailable):
        subject.quotes().quotes("Shiraz", 1000)


def test_a_passing_failure_is_not_felt(subject: Subject) -> None:
    for method, part in subject.vendor.calls:
        subject.server.fail(Fault.SERVER_ERROR, method=method, part=part)
    assert subject.quotes(tries=4).quotes("Shiraz", 1000)


def test_refused_credentials_are_no_missing_way(subject: Subject) -> None:
    subject.server.refusal = lambda call: Answer(401, {"message": f"no: {subject.server.secrets}"})  # type: ignore[method-assign]
    with pytest.raises(AccessRefused) as caught:
        subject.quotes().quotes("Shiraz", 1000)
    assert not [secret for secret in subject.server.secrets if secret in str(caught.value)]


@pytest.mark.parametrize("price", [0, -1, True, "free", None, 10**13, float("inf")])
def test_what_is_no_amount_is_no_price(subject: Subject, price: Any, tmp_path: Path) -> None:
    own = tmp_path / "prices.yml"
    own.write_text("prices: [rows]\nprice: [price]\ncourier: []\ndays: []\n", encoding="utf-8")
    quotes = subject.quotes(price_fields=own)
    subject.server.error_body = {"rows": [{"price": price}]}
    subject.server.fail(Fault.ERROR_BODY, part=subject.vendor.calls[-1][1])
    with pytest.raises(BadAnswer):
        quotes.quotes("Shiraz", 1000)


@pytest.mark.parametrize("price", [590_000, "590000", "۵۹۰۰۰۰", 590_000.0])
def test_an_amount_may_be_written_in_many_ways(subject: Subject, price: Any, tmp_path: Path) -> None:
    own = tmp_path / "prices.yml"
    own.write_text("prices: [rows]\nprice: [price]\ncourier: []\ndays: []\n", encoding="utf-8")
    quotes = subject.quotes(price_fields=own)
    subject.server.error_body = {"rows": [{"price": price}]}
    subject.server.fail(Fault.ERROR_BODY, part=subject.vendor.calls[-1][1])
    assert [each.cost_rial for each in quotes.quotes("Shiraz", 1000)] == [590_000]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "must hold lines"),
        ("- 1", "must hold lines"),
        ("Atlantis: 5", "Atlantis"),
        ("Shiraz:", "Shiraz"),
        ("Shiraz: [1]", "Shiraz"),
        ("a: b: c", "cannot be read"),
    ],
)
def test_a_wrong_file_of_cities_is_told_in_one_line(subject: Subject, text: str, wrong: str) -> None:
    subject.cities.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=wrong) as caught:
        subject.quotes()
    assert f"PEYK_{subject.vendor.name.upper()}_CITIES" in str(caught.value)


@pytest.mark.parametrize("changes", [{"from_city": ""}, {"cities": None}, {"cities": Path("nowhere.yml")}])
def test_what_prices_need_is_named(subject: Subject, changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="CITIES"):
        subject.quotes(**changes)


def test_the_doctor_reads_a_price(subject: Subject) -> None:
    seen = subject.check()
    assert seen.well
    assert seen.sample == f"Shiraz for {subject.vendor.kilogram[1]} rial"


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.ERROR_BODY, Fault.SERVER_ERROR, Fault.RATE_LIMITED])
def test_the_doctor_says_what_to_do(subject: Subject, fault: Fault) -> None:
    subject.server.fail(fault, times=9)
    seen = subject.check()
    assert not seen.well
    assert seen.advice
    assert not [secret for secret in subject.server.secrets if secret in repr(seen)]


def test_postex_needs_its_key_for_prices(tmp_path: Path) -> None:
    cities = tmp_path / "cities.yml"
    cities.write_text("Shiraz: 409", encoding="utf-8")
    make = plugin("postex", SystemKind.CARRIER).quotes
    assert make is not None
    with pytest.raises(SettingsError, match="PEYK_POSTEX_API_KEY"):
        make(PostexSettings(from_city="1", cities=cities), parts_for_tests())


@pytest.mark.parametrize("subject", [VENDORS[0]], indirect=True)
def test_postex_names_carrier_and_way(subject: Subject) -> None:
    post, mahex = subject.quotes().quotes("Shiraz", 1000, 4_000_000)
    assert (post.carrier, mahex.carrier) == ("post", "mahex")
    assert (post.service("fa"), post.service("en")) == ("پیشتاز", "PISHTAZ")
    (asked,) = subject.server.calls[-1].body["parcels"]
    assert asked["parcel_properties"]["total_value"] == 4_000_000
    assert asked["parcel_properties"]["total_weight"] == 1000


@pytest.mark.parametrize("subject", [VENDORS[1]], indirect=True)
@pytest.mark.parametrize(("unit", "weight"), [(WeightUnit.KILOGRAM, 2.5), (WeightUnit.GRAM, 2500)])
def test_tipax_is_told_the_weight_in_its_unit(subject: Subject, unit: WeightUnit, weight: float) -> None:
    subject.quotes(weight_unit=unit).quotes("Shiraz", 2500)
    (asked,) = subject.server.calls[-1].body["packageInputs"]
    assert asked["weight"] == weight


def kept(inner: FakeQuotes, clock: FakeClock, limits: str = "") -> KeptQuotes:
    return KeptQuotes(inner, Pace(inner.system, limits, what="quotes"), clock, timedelta(hours=1))


def test_a_fresh_price_is_not_asked_for_again_and_says_when_it_was_told() -> None:
    clock, inner = FakeClock(), FakeQuotes("tipax", ("tipax", 900_000, None))
    quotes = kept(inner, clock)
    first = quotes.quotes("Shiraz", 1000)
    clock.advance(minutes=59)
    assert quotes.quotes("Shiraz", 1000) == first
    quotes.quotes("Shiraz", 2000)
    assert len(inner.asked) == 2
    clock.advance(minutes=2)
    quotes.quotes("Shiraz", 1000)
    assert len(inner.asked) == 3


def test_a_city_without_a_way_is_remembered_and_a_failure_is_not() -> None:
    clock, inner = FakeClock(), FakeQuotes("tipax")
    quotes = kept(inner, clock)
    for error, times in ((NotFound("tipax"), 1), (Unavailable("tipax"), 2)):
        inner.asked.clear()
        inner.error = error
        for _ in range(2):
            with pytest.raises(type(error)):
                quotes.quotes("Shiraz" if times == 1 else "Rasht", 1000)
        assert len(inner.asked) == times


def test_a_vendor_is_asked_for_prices_as_often_as_it_allows() -> None:
    inner = FakeQuotes("tipax", ("tipax", 900_000, None))
    quotes = kept(inner, FakeClock(), "1/minute")
    quotes.quotes("Shiraz", 1000)
    with pytest.raises(UsedUp):
        quotes.quotes("Rasht", 1000)


def test_prices_behind_their_guard() -> None:
    inner = FakeQuotes("tipax", ("tipax", 900_000, None))
    quotes = GuardedQuotes(inner, Guard("tipax-quotes", deadline_s=5, failures=1, reset_s=3600))
    (found,) = quotes.quotes("Shiraz", 1000, 5)
    assert isinstance(found, ShippingQuote)
    assert inner.asked == [("Shiraz", 1000, 5)]
    inner.error = Unavailable("tipax")
    for _ in range(3):
        with pytest.raises(Unavailable):
            quotes.quotes("Shiraz", 1000)
    assert len(inner.asked) == 2
