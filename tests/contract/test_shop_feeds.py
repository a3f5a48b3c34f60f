"""OrderFeed: every adapter reads its shop whole, page by page, and every fault is a named error."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, Unavailable
from peyk.ports.shops import OrderFeed, OrdersPage
from tests.contract.parts import FAULTS
from tests.contract.shop_subjects import SUBJECTS, Subject, placed
from tests.fakes.vendor_http import Answer, Fault
from tests.unit.services.fakes import NOW

OTHER = "09351112233"
# Of a list, and of an order as well: only the vendor's own word means "no such order".
FEED_FAULTS: dict[Fault, type[ExternalError]] = {**FAULTS, Fault.NO_ROUTE: BadAnswer}


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with SUBJECTS[request.param]() as made:
        yield made


def passed(feed: OrderFeed, since: datetime | None = None) -> list[OrdersPage]:
    pages = [feed.page(since, None)]
    while pages[-1].cursor is not None:
        assert len(pages) < 100
        pages.append(feed.page(since, pages[-1].cursor))
    return pages


def ids(pages: list[OrdersPage]) -> set[str]:
    return {each.source_id for page in pages for each in page.orders}


def test_an_empty_shop_is_one_empty_pass(subject: Subject) -> None:
    assert ids(passed(subject.feed)) == set()


def test_a_pass_meets_every_order(subject: Subject) -> None:
    made = placed(subject, 3 * subject.page_size + 1)
    pages = passed(subject.feed)
    assert ids(pages) == set(made)
    assert pages[0].total in {None, len(made)}
    assert all(not page.unreadable and not page.gone for page in pages)


def test_an_order_is_whole(subject: Subject) -> None:
    source_id = subject.place("0912 123 4567", NOW - timedelta(days=2))
    subject.ship(source_id, "123456789012345678901234")
    found = subject.feed.one(source_id)
    assert found == next(each for page in passed(subject.feed) for each in page.orders)
    assert (found.source_id, found.order.number) == (source_id, subject.number(source_id))
    assert found.order.mobile == "09121234567"
    assert found.order.placed_at == NOW - timedelta(days=2)
    assert found.changed_at == NOW
    assert found.changed_at.utcoffset() == timedelta(0)
    assert [ref.tracking_code for ref in found.order.shipments] == ["123456789012345678901234"]
    assert found.order.items
    assert found.order.total.amount > 0


@pytest.mark.parametrize("buyer", ["09121234567", ""])
def test_who_a_gift_goes_to_does_not_own_the_order(subject: Subject, buyer: str) -> None:
    source_id = subject.place(buyer, NOW)
    subject.send_to(source_id, OTHER)
    found = subject.feed.one(source_id).order
    assert found.mobile == buyer
    # It is still sent there.
    assert (found.city, bool(found.address)) == ("Tehran", True)


def test_only_what_changed_since(subject: Subject) -> None:
    old = subject.place(OTHER, NOW - timedelta(days=3))
    subject.place(OTHER, NOW - timedelta(days=2))
    assert ids(passed(subject.feed, NOW - timedelta(hours=1))) == set()
    subject.touch(old)
    assert ids(passed(subject.feed, NOW - timedelta(hours=1))) == {old}
    assert ids(passed(subject.feed, NOW)) == {old}


def test_a_pass_can_be_resumed_by_its_cursor(subject: Subject) -> None:
    made = placed(subject, 3 * subject.page_size)
    first = subject.feed.page(None, None)
    with SUBJECTS[subject.feed.system]() as _:
        rest = [subject.feed.page(None, first.cursor)]
    while rest[-1].cursor is not None:
        rest.append(subject.feed.page(None, rest[-1].cursor))
    assert ids([first, *rest]) == set(made)


def test_orders_placed_during_a_pass_push_none_out(subject: Subject) -> None:
    made = placed(subject, 3 * subject.page_size)
    pages = [subject.feed.page(None, None)]
    while pages[-1].cursor is not None:
        for _ in range(3):
            subject.place(OTHER, NOW)
        pages.append(subject.feed.page(None, pages[-1].cursor))
        assert len(pages) < 100
    assert ids(pages) >= set(made)


@pytest.mark.parametrize(("removed", "total"), [(3, 30), (20, 75), (20, 21), (9, 11), (45, 75)])
def test_orders_removed_during_a_pass_pull_none_past_it(subject: Subject, removed: int, total: int) -> None:
    if subject.remove is None:
        pytest.skip("orders stay for ever there")
    # A shop's own tasks put orders into the trash twenty at a time.
    made = placed(subject, total)
    pages = [subject.feed.page(None, None)]
    away = made[::-1][:removed]
    for source_id in away:
        subject.remove(source_id)
    while pages[-1].cursor is not None:
        pages.append(subject.feed.page(None, pages[-1].cursor))
        assert len(pages) < 100
    assert ids(pages) >= set(made) - set(away)
    assert ids(pages) <= set(made)


def test_orders_removed_after_every_page_pull_none_past_it(subject: Subject) -> None:
    if subject.remove is None:
        pytest.skip("orders stay for ever there")
    made = placed(subject, 12 * subject.page_size)
    away: set[str] = set()
    pages = [subject.feed.page(None, None)]
    while pages[-1].cursor is not None:
        read = [source_id for source_id in made if source_id in ids(pages) - away][-8:]
        away.update(read)
        for source_id in read:
            subject.remove(source_id)
        pages.append(subject.feed.page(None, pages[-1].cursor))
        assert len(pages) < 100
    assert ids(pages) == set(made)


def test_what_is_removed_is_shown_as_gone(subject: Subject) -> None:
    if subject.remove is None:
        pytest.skip("orders stay for ever there")
    first, second = placed(subject, 2)
    subject.clock.advance(minutes=5)
    subject.remove(first)
    pages = passed(subject.feed, NOW + timedelta(minutes=1))
    assert {source_id for page in pages for source_id in page.gone} == {first}
    assert ids(passed(subject.feed)) == {second}
    with pytest.raises(NotFound):
        subject.feed.one(first)


def test_an_order_nobody_can_read_keeps_none_of_the_others(subject: Subject) -> None:
    made = placed(subject, 4)
    subject.break_one(made[1])
    pages = passed(subject.feed)
    assert ids(pages) == set(made) - {made[1]}
    assert [source_id for page in pages for source_id in page.unreadable] == [made[1]]
    with pytest.raises(BadAnswer):
        subject.feed.one(made[1])


@pytest.mark.parametrize("source_id", ["999999999", "0", "-1", "nonsense", "\u0661\u0662", "1/../2", ""])
def test_what_is_not_there_is_not_found(subject: Subject, source_id: str) -> None:
    subject.place(OTHER, NOW)
    with pytest.raises(NotFound):
        subject.feed.one(source_id)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("woocommerce", {"code": "rest_no_route", "message": "", "data": {"status": 404}}),
        ("magento", {"message": "Request does not match any route."}),
        # They have one address: a 404 is of no order.
        ("shopify", {"errors": "Not Found"}),
        ("vendure", {"errors": "Not Found"}),
    ],
    indirect=["subject"],
)
def test_a_404_of_the_address_is_no_missing_order(subject: Subject, said: object) -> None:
    (made,) = placed(subject, 1)
    subject.server.handle = lambda call: Answer(404, said)  # type: ignore[method-assign]
    with pytest.raises(BadAnswer):
        subject.feed.one(made)


@pytest.mark.parametrize("fault", FEED_FAULTS)
def test_every_fault_is_a_named_error(subject: Subject, fault: Fault) -> None:
    made = placed(subject, 6)
    for call in (lambda: subject.feed.page(None, None), lambda: subject.feed.one(made[0])):
        subject.server.fail(fault, times=99)
        with pytest.raises(FEED_FAULTS[fault]) as caught:
            call()
        assert caught.value.system == subject.feed.system
        subject.server.mend()
        subject.server.let_go()
    assert ids(passed(subject.feed)) == set(made)


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.HTML, Fault.SLOW, Fault.RESET, Fault.REDIRECT])
def test_no_error_holds_a_secret(subject: Subject, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    subject.server.fail(fault, times=99)
    with pytest.raises(ExternalError) as caught:
        subject.feed.page(None, None)
    whole = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(subject.feed.__dict__)
    assert not any(secret in whole for secret in subject.secrets)
    assert caught.value.__context__ is None


def test_refused_credentials_say_so_without_them(subject: Subject) -> None:
    words = f"refused: {' '.join(subject.secrets)}"
    subject.server.refusal = lambda call: Answer(401, {"message": words})  # type: ignore[method-assign]
    with pytest.raises(AccessRefused, match="refused") as caught:
        subject.feed.page(None, None)
    assert not any(secret in str(caught.value) for secret in subject.secrets)


def test_a_shop_that_is_down_is_unavailable(subject: Subject) -> None:
    subject.server.__exit__()
    with pytest.raises(Unavailable):
        subject.feed.page(None, None)


def test_the_shops_own_time_is_told(subject: Subject) -> None:
    placed(subject, 1)
    subject.server.clock_ahead_s = 3600
    at = subject.feed.page(None, None).at
    if at is not None:
        assert abs(at - NOW - timedelta(hours=1)) < timedelta(seconds=30)
