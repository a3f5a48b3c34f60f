"""Orders out of the index, over every shop's own server: fresh where it can be, with its age where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.domain.payments import PaymentState
from peyk.errors import BadAnswer, NotFound, RateLimited, Unavailable
from peyk.services.indexed_orders import IndexedPayments
from tests.contract.shop_subjects import SUBJECTS, Made, Subject, indexed
from tests.fakes.vendor_http import Fault
from tests.unit.services.fakes import MOBILE, NOW, OTHER_MOBILE

NUMBER, CODE = "TS-104201", "123456789012345678901234"


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with SUBJECTS[request.param]() as made:
        yield made


@pytest.fixture
def made(subject: Subject, engine_of: Callable[[str], Engine]) -> Made:
    """The index of a shop with one order of an hour ago, just filled."""
    subject.place(MOBILE, NOW - timedelta(hours=1), NUMBER)
    made = indexed(subject, engine_of("sqlite"))
    made.sync.turn(NOW)
    return made


def source_id(made: Made) -> str:
    one = made.index.by_number(NUMBER)
    assert one is not None
    return one.shop_order.source_id


def test_what_is_fresh_asks_nobody(subject: Subject, made: Made) -> None:
    calls = len(subject.server.calls)
    assert made.orders.by_number(NUMBER).as_of is None
    assert made.orders.by_mobile(MOBILE)[0].as_of is None
    assert made.orders.by_suffix("104201")[0].as_of is None
    assert len(subject.server.calls) == calls


def test_an_order_of_this_moment_is_found(subject: Subject, made: Made) -> None:
    new = subject.place(OTHER_MOBILE, subject.clock.now(), "TS-104999")
    assert made.orders.by_number("TS-104999").mobile == OTHER_MOBILE
    subject.clock.advance(seconds=5)
    subject.ship(new, CODE)
    assert made.orders.by_tracking_code(CODE).number == "TS-104999"


def test_a_new_customers_order_is_found_by_mobile(subject: Subject, made: Made) -> None:
    subject.place(OTHER_MOBILE, subject.clock.now(), "TS-104999")
    assert [each.number for each in made.orders.by_mobile(OTHER_MOBILE)] == ["TS-104999"]


def test_who_guesses_does_not_make_us_ask_again_and_again(subject: Subject, made: Made) -> None:
    calls = len(subject.server.calls)
    for guess in range(20):
        with pytest.raises(NotFound):
            made.orders.by_number(f"TS-9999{guess:02}")
    after_one_look = len(subject.server.calls)
    assert after_one_look > calls
    subject.clock.advance(seconds=5)
    for guess in range(20):
        with pytest.raises(NotFound):
            made.orders.by_number(f"TS-9999{guess:02}")
    assert len(subject.server.calls) - after_one_look == after_one_look - calls


def test_what_was_heard_long_ago_is_asked_for_again(subject: Subject, made: Made) -> None:
    subject.clock.advance(minutes=10)
    subject.ship(source_id(made), CODE)
    found = made.orders.by_number(NUMBER)
    assert [ref.tracking_code for ref in found.shipments] == [CODE]
    assert found.as_of is None
    calls = len(subject.server.calls)
    assert made.orders.by_tracking_code(CODE).number == NUMBER
    assert len(subject.server.calls) == calls


def test_regular_looks_keep_every_order_fresh(subject: Subject, made: Made) -> None:
    for _ in range(10):
        subject.clock.advance(seconds=60)
        made.sync.turn(subject.clock.now())
    calls = len(subject.server.calls)
    assert made.orders.by_number(NUMBER).as_of is None
    assert len(subject.server.calls) == calls


@pytest.mark.parametrize(
    "fault", [Fault.SERVER_ERROR, Fault.SLOW, Fault.RESET, Fault.RATE_LIMITED, Fault.HTML, Fault.NO_ROUTE]
)
def test_a_shop_in_trouble_leaves_its_last_word_with_its_age(subject: Subject, made: Made, fault: Fault) -> None:
    subject.clock.advance(minutes=10)
    subject.server.fail(fault, times=99)
    found = made.orders.by_number(NUMBER)
    assert (found.number, found.as_of) == (NUMBER, NOW)
    assert [each.as_of for each in made.orders.by_mobile(MOBILE)] == [NOW]
    assert [each.as_of for each in made.orders.by_suffix("104201")] == [NOW]
    subject.server.mend()
    subject.server.let_go()
    assert made.orders.by_number(NUMBER).as_of is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SERVER_ERROR, Unavailable),
        (Fault.RATE_LIMITED, RateLimited),
        (Fault.HTML, BadAnswer),
        (Fault.NO_ROUTE, BadAnswer),
    ],
)
def test_not_found_is_said_only_when_the_shop_was_looked_at(
    subject: Subject, made: Made, fault: Fault, error: type[Exception]
) -> None:
    subject.clock.advance(minutes=10)
    subject.server.fail(fault, times=99)
    with pytest.raises(error):
        made.orders.by_number("TS-999999")
    # Within the pause in which the shop is not asked again, too.
    for call in (
        lambda: made.orders.by_tracking_code(CODE),
        lambda: made.orders.by_mobile(OTHER_MOBILE),
        lambda: made.orders.by_suffix("999999"),
    ):
        with pytest.raises(Unavailable):
            call()


def test_a_look_that_was_whole_is_enough_to_say_not_found(subject: Subject, made: Made) -> None:
    # Nobody has looked for long: the worker was away.
    subject.clock.advance(hours=1)
    with pytest.raises(NotFound):
        made.orders.by_number("TS-999999")
    assert made.orders.by_mobile(MOBILE)[0].as_of is None


def test_nothing_is_not_found_before_the_first_fill(subject: Subject, engine_of: Callable[[str], Engine]) -> None:
    made = indexed(subject, engine_of("sqlite"))
    for call in (lambda: made.orders.by_number(NUMBER), lambda: made.orders.by_mobile(MOBILE)):
        with pytest.raises(Unavailable):
            call()


def test_an_order_the_shop_has_no_more_is_found_no_more(subject: Subject, made: Made) -> None:
    if subject.remove is None:
        pytest.skip("orders stay for ever there")
    subject.clock.advance(minutes=10)
    subject.remove(source_id(made))
    with pytest.raises(NotFound):
        made.orders.by_number(NUMBER)
    assert made.index.count() == 0


def test_payments_are_what_the_shop_says(made: Made) -> None:
    payment = IndexedPayments(made.orders).inquire(NUMBER)
    assert payment.order_number == NUMBER
    assert payment.state in set(PaymentState)
    with pytest.raises(NotFound):
        IndexedPayments(made.orders).inquire("TS-999999")
