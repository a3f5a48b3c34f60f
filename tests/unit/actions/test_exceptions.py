"""Every request in every situation: what is said, and whether a ticket is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from rasa_sdk.events import FollowupAction

from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason
from peyk.errors import Unavailable
from tests.unit.actions.fakes import TALK, About, Chat, Line, done, slots
from tests.unit.actions.lines import VERIFY, full_answer
from tests.unit.actions.stories import CODE, NUMBER, TELL
from tests.unit.services.fakes import MOBILE, OTHER_MOBILE, order

BY_MOBILE = "/press_my_orders{}"
WHY = "خیلی وقته منتظرم"
OPENED, OPEN_ALREADY = Line("utter_tickets_opened"), Line("utter_tickets_open_already")


@dataclass(frozen=True)
class Request:
    """A request about an order, as the requirement has it.

    `opens`: the situations in which a person must act. There `instead` is said (None: the order's own
    answer). `refused`: what is said before the order's own answer, by the situations it is true of;
    elsewhere that answer alone is the truth.
    """

    intent: str
    reason: TicketReason
    opens: str
    instead: str | None = None
    refused: dict[str, str] = field(default_factory=dict)


IN_TROUBLE = "late stalled lost held delivery_failed"
NOT_SHIPPED = "registered preparing address_incomplete payment_unverified"
NOT_PAID = "awaiting_payment payment_failed"
MOVING = "in_transit out_for_delivery customs"
UNDER_WAY = f"{MOVING} ready_for_pickup split {IN_TROUBLE}"
NOT_DELIVERED = f"{NOT_SHIPPED} {MOVING} ready_for_pickup {IN_TROUBLE}"
ENDED = "cancelled refund_pending refunded"
REQUESTS = {
    "action_report_delay": Request(
        "report_delay",
        TicketReason.LATE,
        IN_TROUBLE,
        refused={"utter_exceptions_not_late": "registered preparing in_transit out_for_delivery"},
    ),
    "action_report_stalled": Request(
        "report_stalled",
        TicketReason.STALLED,
        IN_TROUBLE,
        refused={"utter_exceptions_carriers_update": f"{MOVING} split"},
    ),
    "action_report_not_received": Request(
        "report_not_received", TicketReason.NOT_RECEIVED, f"delivered split ready_for_pickup {IN_TROUBLE}"
    ),
    "action_report_returned": Request(
        "report_returned",
        TicketReason.RETURNED,
        "returned delivery_failed",
        refused={
            "utter_exceptions_not_returned": f"{NOT_SHIPPED} {NOT_PAID} {MOVING} ready_for_pickup delivered "
            "late stalled lost held cancelled"
        },
    ),
    "action_fix_address": Request(
        "fix_address",
        TicketReason.FIX_ADDRESS,
        f"{NOT_SHIPPED} {UNDER_WAY} returned",
        "utter_exceptions_fix_address",
        {"utter_exceptions_too_late_to_change": f"delivered {ENDED}"},
    ),
    "action_payment_problem": Request(
        "payment_problem",
        TicketReason.PAYMENT,
        f"{NOT_PAID} payment_unverified",
        refused={
            "utter_exceptions_payment_fine": f"registered preparing address_incomplete {UNDER_WAY} delivered returned"
        },
    ),
    "action_request_return": Request(
        "request_return",
        TicketReason.RETURN_REQUEST,
        "delivered split",
        "utter_exceptions_return",
        {"utter_exceptions_return_not_delivered": NOT_DELIVERED},
    ),
    "action_tell_refund": Request(
        "ask_refund_status",
        TicketReason.REFUND,
        "",
        refused={"utter_exceptions_no_refund": f"{NOT_SHIPPED} {NOT_PAID} {UNDER_WAY} delivered returned cancelled"},
    ),
    "action_cancel_order": Request(
        "cancel_order",
        TicketReason.CANCEL,
        f"{NOT_SHIPPED} {NOT_PAID}",
        "utter_exceptions_cancel",
        {
            "utter_exceptions_cancel_shipped": UNDER_WAY,
            "utter_exceptions_cancel_delivered": "delivered",
            "utter_exceptions_cancelled_already": ENDED,
        },
    ),
    "action_change_order": Request(
        "change_order",
        TicketReason.CHANGE_ORDER,
        NOT_SHIPPED,
        "utter_exceptions_change",
        {"utter_exceptions_too_late_to_change": f"{UNDER_WAY} delivered returned {ENDED}"},
    ),
    "action_report_damaged": Request(
        "report_damaged",
        TicketReason.DAMAGED,
        "delivered split",
        "utter_exceptions_damaged",
        {"utter_exceptions_damaged_not_delivered": NOT_DELIVERED},
    ),
    "action_request_document": Request(
        "request_document",
        TicketReason.DOCUMENT,
        f"{NOT_SHIPPED} {UNDER_WAY} delivered returned {ENDED}",
        "utter_documents_requested",
        {"utter_documents_not_paid": NOT_PAID},
    ),
}
MATRIX = [(action, situation) for action in REQUESTS for situation in Situation]


def expected(action: str, situation: Situation) -> tuple[list[Line], bool]:
    """Return the lines a verified customer hears, and whether a ticket is opened."""
    request = REQUESTS[action]
    answer = full_answer(situation)
    if action == "action_report_not_received" and situation is Situation.DELIVERED:
        return [*answer, Line("utter_exceptions_not_received"), OPENED], True
    if action == "action_report_damaged" and situation is Situation.HELD:
        # The story is of a parcel that its carrier reports damaged.
        return [*answer, OPENED], True
    if situation.value in request.opens.split():
        return [*([Line(request.instead)] if request.instead else answer), OPENED], True
    refused = [Line(key) for key, where in request.refused.items() if situation.value in where.split()]
    return [*refused, *answer], False


def ask(chat: Chat, action: str, text: str = WHY, **found: str) -> list[Line]:
    return chat.ask(action, text, REQUESTS[action].intent, **found).said


class TestVerified:
    @pytest.mark.parametrize("language", ["fa", "en"])
    @pytest.mark.parametrize(("action", "situation"), MATRIX)
    def test_request_by_situation(self, chat: Chat, action: str, situation: Situation, language: str) -> None:
        TELL[situation](chat.world)
        chat.world.prove()
        chat.slots["language"] = language
        answer = chat.ask(action, WHY, REQUESTS[action].intent, order_id=NUMBER)
        lines, opens = expected(action, situation)
        assert answer.said == lines
        assert answer.events == done(subject="order")
        opened = [(each.reason, each.order_number, each.mobile, each.note) for each in chat.world.helpdesk.tickets]
        assert opened == ([(REQUESTS[action].reason, NUMBER, MOBILE, WHY)] if opens else [])

    @pytest.mark.parametrize(
        ("action", "situation"),
        [
            ("action_report_delay", Situation.LATE),
            ("action_report_not_received", Situation.DELIVERED),
            ("action_cancel_order", Situation.REGISTERED),
            ("action_request_document", Situation.DELIVERED),
        ],
    )
    def test_the_ticket_is_opened_once(self, chat: Chat, action: str, situation: Situation) -> None:
        TELL[situation](chat.world)
        chat.world.prove()
        first = ask(chat, action, order_id=NUMBER)
        again = ask(chat, action, order_id=NUMBER)
        assert again == [*first[:-1], OPEN_ALREADY]
        assert len(chat.world.helpdesk.tickets) == 1

    def test_the_ticket_is_told_by_its_number(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        answer = chat.ask("action_report_delay", WHY, "report_delay", order_id=NUMBER)
        assert "PK-1001" in answer.texts[-1]

    def test_a_helpdesk_that_fails_is_said_after_the_truth(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()

        def fail(**_: object) -> None:
            raise Unavailable("helpdesk")

        monkeypatch.setattr(chat.world.helpdesk, "open", fail)
        lines = ask(chat, "action_report_delay", order_id=NUMBER)
        assert lines == [*full_answer(Situation.LATE), Line("utter_general_unavailable")]

    def test_a_button_leaves_no_payload_in_the_ticket(self, chat: Chat) -> None:
        TELL[Situation.DELIVERED](chat.world)
        chat.world.prove()
        chat.press(f'/report_not_received{{"order_id": "{NUMBER}"}}')
        chat.run("action_report_not_received")
        assert chat.world.helpdesk.tickets[0].note == ""


class TestNotVerified:
    @pytest.mark.parametrize("action", REQUESTS)
    @pytest.mark.parametrize("situation", [Situation.LATE, Situation.DELIVERED, Situation.CANCELLED])
    def test_the_stage_then_the_proof(self, chat: Chat, action: str, situation: Situation) -> None:
        TELL[situation](chat.world)
        answer = chat.ask(action, WHY, REQUESTS[action].intent, order_id=NUMBER)
        assert answer.said == [
            Line(f"utter_tracking_stage_{situation.value}", custom=About(NUMBER, situation.value, 1)),
            Line("utter_identity_needed_for_request"),
        ]
        assert answer.events == [
            *slots(subject="order", pending_note=WHY, pending_order=NUMBER, pending_request=action),
            FollowupAction("identity_form"),
        ]
        assert chat.world.helpdesk.tickets == []

    @pytest.mark.parametrize("action", REQUESTS)
    def test_an_order_of_another_mobile_opens_nothing(self, chat: Chat, action: str) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove(OTHER_MOBILE)
        answer = chat.ask(action, WHY, REQUESTS[action].intent, order_id=NUMBER)
        assert answer.responses == ["utter_tracking_stage_late", "utter_identity_other_mobile"]
        assert chat.world.helpdesk.tickets == []

    @pytest.mark.parametrize("action", REQUESTS)
    def test_no_such_order(self, chat: Chat, action: str) -> None:
        lines = ask(chat, action, order_id="TS-999999")
        assert lines == [Line("utter_tracking_not_found", (TALK,))]

    @pytest.mark.parametrize("action", sorted(set(REQUESTS) - {"action_report_not_received"}))
    def test_a_tracking_code_alone_proves_nothing(self, chat: Chat, action: str) -> None:
        TELL[Situation.LATE](chat.world)
        answer = chat.ask(action, f"{WHY} {CODE}", REQUESTS[action].intent, tracking_code=CODE)
        assert answer.said == []
        assert answer.events == [FollowupAction("action_track_order")]

    @pytest.mark.parametrize("action", REQUESTS)
    def test_which_order(self, chat: Chat, action: str) -> None:
        answer = chat.ask(action, WHY, REQUESTS[action].intent)
        assert answer.said == [Line("utter_exceptions_which_order", (BY_MOBILE, TALK))]
        assert answer.events == done(pending_request=action, pending_note=WHY)


class TestOnlyOrder:
    """The proven customer has one order and names none."""

    @pytest.mark.parametrize("action", REQUESTS)
    def test_it_is_that_one(self, chat: Chat, action: str) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        answer = chat.say(WHY, REQUESTS[action].intent)
        assert answer.said == expected(action, Situation.LATE)[0]
        assert chat.steps == [action, action]
        assert chat.world.audit.events().count("order.shown") == 1

    @pytest.mark.parametrize("action", REQUESTS)
    def test_it_is_taken_for_the_one_named_and_nothing_is_shown_yet(self, chat: Chat, action: str) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.prove()
        answer = chat.ask(action, WHY, REQUESTS[action].intent)
        assert answer.said == []
        found = slots(pending_request=action, pending_note=WHY, order_id=NUMBER, subject="order")
        assert answer.events == [*found, FollowupAction(action)]
        assert chat.world.audit.events() == []

    @pytest.mark.parametrize("action", REQUESTS)
    def test_the_request_is_done_with(self, chat: Chat, action: str) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.world.prove()
        chat.say(WHY, REQUESTS[action].intent)
        assert chat.slots.get("pending_request") is None
        assert (chat.slots["order_id"], chat.slots["subject"]) == (NUMBER, "order")

    def test_the_next_number_is_only_tracked(self, chat: Chat) -> None:
        TELL[Situation.REGISTERED](chat.world)
        chat.world.prove()
        chat.say(WHY, "cancel_order")
        answer = chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert answer.said == full_answer(Situation.REGISTERED)

    @pytest.mark.parametrize("action", REQUESTS)
    def test_two_orders_are_listed(self, chat: Chat, action: str) -> None:
        TELL[Situation.LATE](chat.world)
        chat.world.orders.orders.append(order("TS-104234"))
        chat.world.prove()
        answer = chat.say(WHY, REQUESTS[action].intent)
        assert answer.responses == ["utter_tracking_choose_order"]
        assert chat.steps == [action, "action_list_orders"]
        assert (chat.slots["pending_request"], chat.slots["pending_note"]) == (action, WHY)
        assert chat.world.helpdesk.tickets == []

    def test_a_shop_that_is_down_is_said_to_be(self, chat: Chat) -> None:
        chat.world.prove()
        chat.world.orders.error = Unavailable("shop")
        assert chat.say(WHY, "report_delay").said == [Line("utter_tracking_unavailable", (TALK,))]

    def test_a_mobile_without_orders_is_asked_which(self, chat: Chat) -> None:
        chat.world.prove()
        assert ask(chat, "action_report_delay") == [Line("utter_exceptions_which_order", (BY_MOBILE, TALK))]


class TestWayToTheTicket:
    def test_number_then_code_then_ticket(self, chat: Chat) -> None:
        """A cancellation from the first word to the ticket, through the form."""
        TELL[Situation.REGISTERED](chat.world)
        assert chat.say("سفارشم رو لغو کن", "cancel_order").responses == ["utter_exceptions_which_order"]
        asked = chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert asked.responses == [
            "utter_tracking_stage_registered",
            "utter_identity_needed_for_request",
            "utter_identity_ask_mobile_of_order",
        ]
        assert chat.say(MOBILE, "track_order", phone_number=MOBILE).responses == ["utter_identity_sent"]
        done = chat.say("کد", "track_order", bare=chat.world.messenger.last_code)
        assert done.said == [Line("utter_identity_verified"), Line("utter_exceptions_cancel"), OPENED]
        assert [each.reason for each in chat.world.helpdesk.tickets] == [TicketReason.CANCEL]
        assert chat.slots["pending_request"] is None

    def test_the_order_of_the_stage_button(self, chat: Chat) -> None:
        TELL[Situation.LATE](chat.world)
        chat.say(NUMBER, "track_order", order_id=NUMBER)
        assert chat.press_turn(VERIFY).responses == ["utter_identity_ask_mobile_of_order"]
        chat.say(MOBILE, "track_order", phone_number=MOBILE)
        done = chat.say("کد", "track_order", bare=chat.world.messenger.last_code)
        assert done.said == [Line("utter_identity_verified"), *full_answer(Situation.LATE)]
