"""Faults of the demo: every system fails in every way, on purpose and only when asked."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest
from sqlalchemy import Engine

from peyk.adapters.carriers.demo import demo_carriers
from peyk.adapters.demo_shop.faults import SYSTEMS, DemoFaults, FaultGate
from peyk.adapters.demo_shop.seed import seed
from peyk.adapters.messaging.demo import DemoMessenger
from peyk.adapters.orders.demo import DemoOrders
from peyk.adapters.payments.demo import DemoPayments
from peyk.adapters.storefront.demo import DemoStorefront
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotYet, RateLimited, Unavailable
from tests.unit.services.fakes import FakeClock

CODES = {
    "post": "TRK-88392011",
    "tipax": "110418020260000104180",
    "chapar": "TRK-70104190",
    "dhl": "1234567890",
    "courier": "TRK-90104210",
}


def calls(shop: Engine, clock: FakeClock, gate: FaultGate) -> dict[str, Callable[[], object]]:
    """Return a call to each system of the demo that works while nothing is switched on."""
    carriers = demo_carriers(shop, clock, gate)
    messenger = DemoMessenger(shop, clock, gate, lambda _language, code: code)
    asked: dict[str, Callable[[], object]] = {
        "shop": lambda: DemoOrders(shop, gate).by_number("TS-104233"),
        "payments": lambda: DemoPayments(shop, gate).inquire("TS-104240"),
        "storefront": lambda: DemoStorefront(shop, gate).zones(),
        "messenger": lambda: messenger.send_code("09121234567", "123456", "fa", "key"),
    }
    return asked | {name: lambda n=name: carriers[n].track(CODES[n]) for name in CODES}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("down", Unavailable),
        ("garbage", BadAnswer),
        ("rate_limited", RateLimited),
        ("refused", AccessRefused),
        ("not_yet", NotYet),
    ],
)
@pytest.mark.parametrize("system", ["shop", "payments", "storefront", "messenger", *CODES])
def test_a_fault_is_that_systems_and_no_others(
    shop: Engine, clock: FakeClock, gate: FaultGate, system: str, kind: str, error: type[ExternalError]
) -> None:
    faults = DemoFaults(shop)
    faults.switch_on(system, kind)
    for name, call in calls(shop, clock, gate).items():
        if name == system:
            with pytest.raises(error) as caught:
                call()
            assert caught.value.system == system
        else:
            call()
    faults.switch_off(system)
    calls(shop, clock, gate)[system]()


def test_a_slow_system_answers_when_it_has_waited(shop: Engine, clock: FakeClock) -> None:
    waited: list[float] = []
    DemoFaults(shop).switch_on("post", "slow")
    carriers = demo_carriers(shop, clock, FaultGate(shop, wait=waited.append, slow_s=42))
    assert carriers["post"].track("TRK-88392011").code == "TRK-88392011"
    assert waited == [42]


def test_closing_lets_go_whoever_waits(shop: Engine) -> None:
    DemoFaults(shop).switch_on("shop", "slow")
    gate = FaultGate(shop)
    done = Event()

    def ask() -> None:
        gate.pass_as("shop")
        done.set()

    Thread(target=ask, daemon=True).start()
    assert not done.is_set()
    gate.close()
    assert done.wait(10)


def test_what_is_switched_on_is_listed(shop: Engine) -> None:
    faults = DemoFaults(shop)
    assert faults.current() == {}
    faults.switch_on("shop", "down")
    faults.switch_on("carrier:post", "slow")
    faults.switch_on("shop", "garbage")
    assert faults.current() == {"shop": "garbage", "post": "slow"}
    faults.switch_off("carrier:post")
    assert faults.current() == {"shop": "garbage"}
    faults.switch_off()
    assert faults.current() == {}


@pytest.mark.parametrize(("system", "kind"), [("nobody", "down"), ("shop", "sulking"), ("", "down")])
def test_other_systems_and_kinds_do_not_exist(shop: Engine, system: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"no such system|not a valid FaultKind"):
        DemoFaults(shop).switch_on(system, kind)
    assert "nobody" not in SYSTEMS
    with pytest.raises(ValueError, match="no such system"):
        DemoFaults(shop).switch_off("nobody")


def test_a_new_seeding_mends_everything(shop: Engine, clock: FakeClock) -> None:
    DemoFaults(shop).switch_on("shop", "down")
    seed(shop, clock, 600)
    assert DemoFaults(shop).current() == {}
