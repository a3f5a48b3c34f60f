"""Tickets and ratings: who may, once only, and what the shop is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from peyk.domain.conversations import Caller
from peyk.domain.orders import OrderStatus
from peyk.domain.queues import Priority, Queue
from peyk.domain.shipments import DeliveryStatus
from peyk.domain.tickets import TicketReason
from peyk.domain.triage import place
from peyk.errors import NotFound, Throttled, Unavailable
from peyk.services.tickets import OPEN_TO_ALL, NotVerified
from tests.unit.services.fakes import CALLER, MOBILE, NOW, OTHER_MOBILE, order, tracking
from tests.unit.services.world import World

ABOUT_ORDERS = sorted(set(TicketReason) - OPEN_TO_ALL)
OPEN = sorted(OPEN_TO_ALL)
CODE = "TRK-88392011"


@pytest.fixture
def shop(world: World) -> World:
    """One own order, one of somebody else."""
    world.orders.orders += [order(), order("TS-104180", mobile=OTHER_MOBILE)]
    world.post.answers[CODE] = tracking()
    return world


@pytest.mark.parametrize("reason", OPEN)
def test_anybody_may_ask_for_a_person(shop: World, reason: TicketReason) -> None:
    ticket = shop.tickets.open(CALLER, reason, None, "سلام")
    assert (ticket.reason, ticket.order_number, ticket.mobile, ticket.note) == (reason, None, None, "سلام")
    assert ticket.created_now


@pytest.mark.parametrize("reason", ABOUT_ORDERS)
@pytest.mark.parametrize("number", ["TS-104233", "TS-999999", None])
def test_unproven_gets_no_ticket_about_an_order(shop: World, reason: TicketReason, number: str | None) -> None:
    with pytest.raises(NotVerified):
        shop.tickets.open(CALLER, reason, number)
    assert shop.orders.calls == 0, "the same answer whether the order exists or not"
    assert shop.helpdesk.tickets == []


def test_an_unproven_complaint_names_no_order(shop: World) -> None:
    assert shop.tickets.open(CALLER, TicketReason.COMPLAINT, "TS-104233").order_number is None
    assert shop.orders.calls == 0


@pytest.mark.parametrize("reason", list(TicketReason))
def test_the_proven_customer_gets_every_ticket(shop: World, reason: TicketReason) -> None:
    shop.prove()
    ticket = shop.tickets.open(CALLER, reason, "ts104233")
    assert (ticket.order_number, ticket.mobile) == ("TS-104233", MOBILE)
    assert (ticket.queue, ticket.priority) == place(reason, vip=False)


def test_the_proof_of_another_mobile_does_not_do(shop: World) -> None:
    shop.prove()
    with pytest.raises(NotVerified):
        shop.tickets.open(CALLER, TicketReason.CANCEL, "TS-104180")
    assert shop.tickets.open(CALLER, TicketReason.GENERAL, "TS-104180").order_number is None


def test_the_order_must_exist(shop: World) -> None:
    shop.prove()
    with pytest.raises(NotFound):
        shop.tickets.open(CALLER, TicketReason.CANCEL, "TS-999999")
    assert shop.helpdesk.tickets == []


def test_tickets_are_no_way_to_guess_numbers(shop: World) -> None:
    shop.prove()
    for _ in range(8):
        with pytest.raises(NotFound):
            shop.tickets.open(CALLER, TicketReason.CANCEL, "TS-999999")
    for number in ("TS-999999", "TS-104180"):
        with pytest.raises(Throttled):
            shop.tickets.open(CALLER, TicketReason.CANCEL, number)
    assert shop.tickets.open(CALLER, TicketReason.CANCEL, "TS-104233").created_now


def test_tickets_are_no_way_to_find_the_orders_of_others() -> None:
    world = World({"guess_hits_per_conversation": 3})
    world.orders.orders += [order(f"TS-20000{turn}", mobile=OTHER_MOBILE) for turn in range(4)]
    world.prove()
    for turn in range(3):
        with pytest.raises(NotVerified):
            world.tickets.open(CALLER, TicketReason.CANCEL, f"TS-20000{turn}")
    scopes = set()
    for number in ("TS-200003", "TS-200000", *["TS-999999"] * 10):
        with pytest.raises(Throttled) as caught:
            world.tickets.open(CALLER, TicketReason.CANCEL, number)
        scopes.add(caught.value.scope)
    assert scopes == {"order_guess.hit_conversation"}, "the same wait whether the order exists or not"


def test_an_ambiguous_number_counts_as_a_miss() -> None:
    world = World({"order_digits": 9})
    world.orders.orders += [order(f"TS-{begin}104233", mobile=OTHER_MOBILE) for begin in ("555", "666")]
    world.prove()
    for _ in range(8):
        with pytest.raises(NotFound):
            world.tickets.open(CALLER, TicketReason.CANCEL, "104233")
    with pytest.raises(Throttled):
        world.tickets.open(CALLER, TicketReason.CANCEL, "104233")


def test_once_per_order_and_reason(shop: World) -> None:
    shop.prove()
    first = shop.tickets.open(CALLER, TicketReason.LATE, "TS-104233")
    again = shop.tickets.open(CALLER, TicketReason.LATE, "104233")
    other = shop.tickets.open(CALLER, TicketReason.CANCEL, "TS-104233")
    assert (again.number, again.created_now) == (first.number, False)
    assert other.number != first.number
    assert shop.audit.events() == ["ticket.opened"] * 2, "on record once, like the ticket"


def test_without_an_order_once_per_conversation(shop: World) -> None:
    first = shop.tickets.open(CALLER, TicketReason.TALK_TO_HUMAN)
    again = shop.tickets.open(CALLER, TicketReason.TALK_TO_HUMAN)
    elsewhere = shop.tickets.open(Caller("conversation-2"), TicketReason.TALK_TO_HUMAN)
    assert (again.number, elsewhere.number != first.number) == (first.number, True)


@pytest.mark.parametrize("number", ["TS-104160", None])
def test_vip_customers_come_first(shop: World, number: str | None) -> None:
    shop.orders.orders.append(order("TS-104160", mobile="09121110000", vip=True))
    shop.prove("09121110000")
    ticket = shop.tickets.open(CALLER, TicketReason.GENERAL, number)
    assert (ticket.queue, ticket.priority) == (Queue.VIP, Priority.VIP)


def test_a_vip_unproven_is_like_everybody(shop: World) -> None:
    shop.orders.orders.append(order("TS-104160", vip=True))
    assert shop.tickets.open(CALLER, TicketReason.GENERAL, "TS-104160").priority is Priority.NORMAL


def test_the_clocks_are_those_of_the_queue_in_office_hours(shop: World) -> None:
    """Saturday noon in Tehran: the first line answers within an hour, and solves it within three working days."""
    ticket = shop.tickets.open(CALLER, TicketReason.GENERAL)
    assert ticket.due_first_answer_at == NOW + timedelta(hours=1)
    assert ticket.due_solution_at == NOW + timedelta(days=3)


def test_the_shop_down_stops_order_tickets_but_no_cry_for_help(shop: World) -> None:
    shop.prove()
    shop.orders.error = Unavailable("shop")
    assert shop.tickets.open(CALLER, TicketReason.TALK_TO_HUMAN, "TS-104233").created_now
    with pytest.raises(Unavailable):
        shop.tickets.open(CALLER, TicketReason.CANCEL, "TS-104233")


def test_a_note_has_an_end(shop: World) -> None:
    assert len(shop.tickets.open(CALLER, TicketReason.GENERAL, None, "آ" * 5000).note) == 1000


def test_the_audit_masks_the_mobile(shop: World) -> None:
    shop.prove()
    shop.tickets.open(CALLER, TicketReason.LATE, "TS-104233", "my mobile is 09121234567")
    (row,) = shop.audit.rows
    assert (row.event, row.subject) == ("ticket.opened", "PK-1001")
    assert row.detail == {"reason": "late", "order": "TS-104233", "mobile": "0912***67"}


def test_status_is_of_the_conversation_and_the_proven_mobile(shop: World) -> None:
    elsewhere, stranger = Caller("conversation-2"), Caller("conversation-3")
    shop.prove(caller=elsewhere)
    shop.tickets.open(elsewhere, TicketReason.LATE, "TS-104233")
    shop.tickets.open(stranger, TicketReason.GENERAL)
    mine = shop.tickets.open(CALLER, TicketReason.GENERAL)
    assert [ticket.number for ticket in shop.tickets.status(CALLER)] == [mine.number]
    shop.prove()
    assert [ticket.reason for ticket in shop.tickets.status(CALLER)] == [TicketReason.GENERAL, TicketReason.LATE]


def test_every_ticket_that_is_shown_is_on_record(shop: World) -> None:
    shop.tickets.open(CALLER, TicketReason.GENERAL)
    shop.prove()
    shop.tickets.open(CALLER, TicketReason.LATE, "TS-104233")
    shop.audit.rows.clear()
    shop.tickets.status(CALLER)
    assert [(row.event, row.subject) for row in shop.audit.rows] == [
        ("ticket.shown", "PK-1002"),
        ("ticket.shown", "PK-1001"),
    ]
    assert shop.audit.rows[0].detail == {"reason": "late", "order": "TS-104233", "mobile": "0912***67"}


def test_no_ticket_is_shown_that_cannot_be_recorded(shop: World) -> None:
    shop.tickets.open(CALLER, TicketReason.GENERAL)
    shop.audit.error = Unavailable("store")
    with pytest.raises(Unavailable):
        shop.tickets.status(CALLER)


class TestRating:
    """One to five, delivered orders only."""

    @pytest.fixture
    def delivered(self, shop: World) -> World:
        shop.post.answers[CODE] = tracking(DeliveryStatus.DELIVERED)
        return shop

    @pytest.mark.parametrize(("rating", "kept"), [(0, False), (1, True), (5, True), (6, False), (-1, False)])
    def test_one_to_five(self, delivered: World, rating: int, kept: bool) -> None:
        assert delivered.feedback.rate(CALLER, "TS-104233", rating) is kept
        assert len(delivered.ratings.kept) == kept

    def test_the_carriers_word_decides(self, shop: World) -> None:
        assert not shop.feedback.rate(CALLER, "TS-104233", 5)
        shop.post.answers[CODE] = tracking(DeliveryStatus.DELIVERED)
        assert shop.feedback.rate(CALLER, "TS-104233", 5)

    def test_no_such_order_is_a_miss(self, shop: World) -> None:
        for _ in range(8):
            with pytest.raises(NotFound):
                shop.feedback.rate(CALLER, "TS-999999", 5)
        with pytest.raises(Throttled):
            shop.feedback.rate(CALLER, "TS-104233", 5)

    @pytest.mark.parametrize("proven", [True, False])
    def test_whether_it_was_proven_is_kept_and_nothing_is_shown(self, delivered: World, proven: bool) -> None:
        if proven:
            delivered.prove()
        assert delivered.feedback.rate(CALLER, "104233", 4)
        assert delivered.ratings.kept == {("TS-104233", "conversation-1"): (4, proven)}
        assert delivered.audit.events() == ["order.rated"]

    def test_the_later_rating_counts(self, delivered: World) -> None:
        assert delivered.feedback.rate(CALLER, "TS-104233", 2)
        assert delivered.feedback.rate(CALLER, "TS-104233", 5)
        assert delivered.ratings.kept == {("TS-104233", "conversation-1"): (5, False)}

    def test_the_shop_down_is_not_not_delivered(self, shop: World) -> None:
        shop.orders.error = Unavailable("shop")
        with pytest.raises(Unavailable):
            shop.feedback.rate(CALLER, "TS-104233", 5)

    def test_an_order_not_shipped(self, shop: World) -> None:
        shop.orders.orders.append(order("TS-104241", status=OrderStatus.PAID, shipments=()))
        assert not shop.feedback.rate(CALLER, "TS-104241", 5)
