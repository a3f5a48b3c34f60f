"""Deadline and circuit breaker: one slow or dead system costs one honest error, never the caller's time."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Event
from time import monotonic

import pytest
import structlog

from peyk.adapters._guard import PLACES, Guard
from peyk.adapters._pace import UsedUp
from peyk.adapters._resilience import (
    GuardedMessenger,
    GuardedOrders,
    GuardedPayments,
    GuardedStorefront,
    GuardedWebhooks,
    ResilientCarrier,
)
from peyk.domain.shipments import Tracking
from peyk.domain.systems import HeldOff
from peyk.errors import BadAnswer, ExternalError, NotFound, NotOffered, NotYet, RateLimited, Unavailable, Unsure
from peyk.ports.shops import Forged, ShopNews
from peyk.services.tracking import TrackOrder, TrackOutcome
from tests.unit.services.fakes import (
    CALLER,
    RULES,
    FakeCarrier,
    FakeMessenger,
    FakeOrders,
    FakePayments,
    FakeStorefront,
    order,
    payment,
    tracking,
)
from tests.unit.services.world import World, with_order

CODE = "TRK-88392011"
SECRET = "contract-7h2k9s"


def guard(*, deadline_s: float = 5.0, failures: int = 3, reset_s: float = 3600, at_once: int = PLACES) -> Guard:
    return Guard("post", deadline_s=deadline_s, failures=failures, reset_s=reset_s, at_once=at_once)


def fails(made: Guard, error: type[ExternalError], times: int = 1) -> int:
    """Let the system fail `times` times; return how often it was really asked."""
    asked = 0

    def call() -> None:
        nonlocal asked
        asked += 1
        raise error("post")

    for _ in range(times):
        with pytest.raises(error):
            made.call(call)
    return asked


@pytest.fixture
def never() -> Iterator[Event]:
    """What a system that does not answer waits for; let go at the end of the test."""
    event = Event()
    yield event
    event.set()


def test_an_answer_passes() -> None:
    assert guard().call(lambda: 42) == 42


@pytest.mark.parametrize("error", [NotFound, NotYet, Unavailable, BadAnswer, RateLimited])
def test_errors_pass_as_they_are(error: type[ExternalError]) -> None:
    assert fails(guard(), error) == 1


def test_what_is_not_offered_neither_opens_the_breaker_nor_closes_it() -> None:
    made = guard(failures=3)
    assert fails(made, NotOffered, 9) == 9
    for _ in range(2):
        assert fails(made, Unavailable) == 1
        assert fails(made, NotOffered) == 1
    fails(made, Unavailable)
    assert made.state == "open"


def test_any_other_exception_is_an_unreadable_answer() -> None:
    answer: dict[str, str] = {}
    with pytest.raises(BadAnswer, match="KeyError"):
        guard().call(lambda: answer["status"])


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, AttributeError])
def test_what_nobody_has_foreseen_is_one_line_without_its_message(error: type[BaseException]) -> None:
    def fails_badly() -> None:
        raise error(SECRET)

    with structlog.testing.capture_logs() as lines, pytest.raises(BadAnswer) as caught:
        guard().call(fails_badly)
    ((line,), whole) = lines, "".join(traceback.format_exception(caught.value))
    assert (line["event"], line["system"], line["error"]) == ("adapter.failed", "post", error.__name__)
    assert line["where"].rpartition(" > ")[2].startswith("test_resilience.py:")
    assert SECRET not in str(lines) + whole
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


class Careless:
    """A carrier by somebody who has not read the port, or not all of it."""

    id = "post"

    def recognises(self, code: str) -> bool:
        raise RuntimeError(SECRET)

    def track(self, code: str) -> Tracking:
        return {"status": "in_transit"}  # type: ignore[return-value]


def test_a_careless_adapter_costs_a_sentence_and_not_the_turn() -> None:
    carrier = ResilientCarrier(Careless(), guard())  # type: ignore[arg-type]
    with structlog.testing.capture_logs() as lines:
        # Not asked, its parcels would be told as nobody's.
        assert carrier.recognises(CODE)
        assert carrier.page(CODE) == ""
    assert [(line["event"], line["error"]) for line in lines] == [
        ("adapter.failed", "RuntimeError"),
        ("adapter.failed", "AttributeError"),
    ]
    assert SECRET not in str(lines)
    with pytest.raises(BadAnswer, match="dict, not a Tracking"):
        carrier.track(CODE)


def test_a_customer_hears_that_the_carrier_cannot_be_read() -> None:
    world = with_order(World())
    world.prove()
    service = TrackOrder(
        orders=world.orders,
        carriers={"post": ResilientCarrier(Careless(), guard())},  # type: ignore[arg-type]
        payments=world.payments,
        records=world.records,
        clock=world.clock,
        settings=world.settings,
        rules=RULES,
    )
    assert service.by_code(CALLER, CODE).outcome is TrackOutcome.BAD_ANSWER
    found = service.by_number(CALLER, order().number)
    assert (found.outcome, found.carrier_trouble) == (TrackOutcome.FOUND, BadAnswer.kind)
    assert [parcel.trouble for parcel in found.parcels] == [BadAnswer.kind]


def test_a_reader_of_webhooks_is_spared_too() -> None:
    class Reader:
        def read(self, headers: Mapping[str, str], body: bytes) -> ShopNews:
            raise Forged if body == b"forged" else TypeError(SECRET)

    webhooks = GuardedWebhooks(Reader(), "shop")
    with structlog.testing.capture_logs() as lines, pytest.raises(BadAnswer, match="TypeError") as caught:
        webhooks.read({}, b"{}")
    assert SECRET not in str(lines) + "".join(traceback.format_exception(caught.value))
    with pytest.raises(Forged):
        webhooks.read({}, b"forged")


def test_nobody_waits_beyond_the_deadline(never: Event) -> None:
    begun = monotonic()
    with pytest.raises(Unsure, match="deadline"):
        guard(deadline_s=0.05).call(never.wait)
    assert monotonic() - begun < 2


def test_slow_calls_do_not_use_up_more_than_the_systems_own_places(never: Event) -> None:
    slow, other = guard(deadline_s=0.05, failures=100, at_once=2), guard()
    for _ in range(2):
        with pytest.raises(Unavailable, match="deadline"):
            slow.call(never.wait)
    with pytest.raises(RateLimited, match="under way"):
        slow.call(lambda: 42)
    assert other.call(lambda: 42) == 42


def test_whoever_finds_no_place_is_no_sign_that_it_is_down(never: Event) -> None:
    made = guard(deadline_s=0.02, failures=2, at_once=1)
    with pytest.raises(Unavailable, match="deadline"):
        made.call(never.wait)
    for _ in range(3):
        with pytest.raises(RateLimited, match="under way"):
            made.call(lambda: 42)
    assert made.state == "closed"


def test_a_place_is_free_again_when_the_slow_call_ends(never: Event) -> None:
    made = guard(deadline_s=0.05, failures=100, at_once=1)
    with pytest.raises(Unavailable):
        made.call(never.wait)
    never.set()
    patient = 100
    while patient:
        try:
            assert made.call(lambda: 42) == 42
            break
        except RateLimited:
            patient -= 1
    assert patient


@pytest.mark.parametrize("error", [Unavailable, RateLimited])
def test_after_some_failures_it_is_not_asked_any_more_and_the_sentence_stays(error: type[ExternalError]) -> None:
    made = guard(failures=3)
    assert fails(made, error, times=10) == 3


def test_a_slow_system_is_not_asked_any_more_and_then_nothing_is_unsure(never: Event) -> None:
    made = guard(deadline_s=0.02, failures=2)
    for _ in range(2):
        with pytest.raises(Unavailable, match="deadline"):
            made.call(never.wait)
    with pytest.raises(Unavailable, match="refused") as caught:
        made.call(lambda: 42)
    assert not isinstance(caught.value, Unsure)


@pytest.mark.parametrize("error", [NotFound, NotYet, BadAnswer])
def test_whoever_answers_is_asked_again(error: type[ExternalError]) -> None:
    assert fails(guard(failures=3), error, times=10) == 10


def test_an_answer_in_between_starts_the_count_anew() -> None:
    made = guard(failures=3)
    for _ in range(4):
        assert fails(made, Unavailable, times=2) == 2
        made.call(lambda: 42)


def test_our_own_limit_holds_nobody_off_and_lets_nobody_in() -> None:
    made = guard(failures=2)
    assert fails(made, UsedUp, times=10) == 10
    # The system was not asked: that ends no row of its failures.
    fails(made, Unavailable)
    fails(made, UsedUp)
    assert fails(made, Unavailable, times=5) == 1
    assert made.state == "open"
    again = guard(failures=1, reset_s=0)
    fails(again, Unavailable)
    fails(again, UsedUp)
    assert again.state == "open"


def test_after_the_pause_one_call_may_try() -> None:
    made = guard(failures=2, reset_s=0)
    assert fails(made, Unavailable, times=4) == 4
    assert made.call(lambda: 42) == 42
    assert fails(made, Unavailable, times=2) == 2


def test_while_one_call_tries_the_others_are_refused_at_once(never: Event) -> None:
    made = guard(failures=1, reset_s=0)
    fails(made, Unavailable)
    refused: list[ExternalError] = []

    def trying() -> int:
        with pytest.raises(Unavailable, match="refused") as caught:
            made.call(lambda: 1)
        refused.append(caught.value)
        return 42

    assert made.call(trying) == 42
    assert len(refused) == 1


def test_a_carrier_behind_its_guard() -> None:
    inner = FakeCarrier("post")
    inner.answers[CODE] = tracking()
    carrier = ResilientCarrier(inner, guard(failures=1))
    assert (carrier.id, carrier.recognises(CODE), carrier.recognises("x")) == ("post", True, False)
    assert carrier.track(CODE) == tracking()
    inner.answers[CODE] = Unavailable("post")
    with pytest.raises(Unavailable):
        carrier.track(CODE)
    inner.answers[CODE] = tracking()
    with pytest.raises(Unavailable, match="refused"):
        carrier.track(CODE)


def test_every_other_port_behind_its_guard() -> None:
    orders, payments, messenger, storefront = FakeOrders(), FakePayments(), FakeMessenger(), FakeStorefront()
    orders.orders = [order()]
    payments.payments["TS-104240"] = payment()
    guarded = GuardedOrders(orders, guard())
    assert guarded.by_number("TS-104233") == orders.orders[0]
    assert guarded.by_suffix("104233") == orders.orders
    assert guarded.by_mobile("09121234567", limit=1) == orders.orders
    assert guarded.by_tracking_code(CODE) == orders.orders[0]
    assert GuardedPayments(payments, guard()).inquire("TS-104240") == payment()
    GuardedMessenger(messenger, guard()).send_code("09121234567", "123456", "en", "key")
    assert messenger.sent == {"key": ("09121234567", "123456", "en")}
    front = GuardedStorefront(storefront, guard())
    assert front.zones() == storefront.zones()
    assert front.delivered_days("Tehran", "post") == []
    assert front.find_products("headphones", limit=1) == [storefront.headphones]
    assert front.return_policy() == storefront.return_policy()
    assert front.payment_methods() == storefront.payment_methods()


class Noted:
    """Remembers what a guard says of its system (the port `SystemStates`)."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, str, datetime] | str] = []

    def hold_off(self, system: str, kind: str, since: datetime, until: datetime) -> None:
        assert until >= since
        self.changes.append((system, kind, until))

    def let_in(self, system: str) -> None:
        self.changes.append(system)

    def held_off(self) -> list[HeldOff]:
        return []


def test_that_a_system_is_held_off_is_noted_once() -> None:
    noted = Noted()
    made = Guard("post", deadline_s=5, failures=3, reset_s=3600, states=noted)
    fails(made, RateLimited, 2)
    made.call(lambda: 1)
    assert noted.changes == []
    fails(made, RateLimited, 3)
    assert [change[:2] for change in noted.changes] == [("post", "rate_limited")]
    fails(made, RateLimited, 5)
    assert len(noted.changes) == 1


def test_that_it_fails_again_and_that_it_is_let_in_is_noted() -> None:
    noted = Noted()
    made = Guard("post", deadline_s=5, failures=2, reset_s=0, states=noted)
    fails(made, Unavailable, 2)
    fails(made, Unavailable, 1)
    assert [change[1] for change in noted.changes] == ["unavailable"] * 2
    first, second = (change[2] for change in noted.changes if not isinstance(change, str))
    assert second > first
    made.call(lambda: 1)
    assert noted.changes[2:] == ["post"]
    made.call(lambda: 1)
    assert len(noted.changes) == 3
