"""The second of two wishes in one message: kept while the first is being answered, offered after it."""

from __future__ import annotations

from actions._orders import REQUESTS
from actions._turn import LISTEN, Button, Turn

# What "yes" does after the offer: the action the rules name for the intent.
ACTIONS = {
    "track_order": "action_track_order",
    "confirm_order": "action_track_order",
    "ask_tracking_code": "action_give_tracking_code",
    "report_delay": "action_report_delay",
    "report_stalled": "action_report_stalled",
    "report_not_received": "action_report_not_received",
    "report_returned": "action_report_returned",
    "report_damaged": "action_report_damaged",
    "fix_address": "action_fix_address",
    "payment_problem": "action_payment_problem",
    "request_return": "action_request_return",
    "ask_refund_status": "action_tell_refund",
    "cancel_order": "action_cancel_order",
    "change_order": "action_change_order",
    "ask_delivery_time": "action_answer_delivery_time",
    "ask_coverage": "action_answer_coverage",
    "ask_shipping_methods": "action_answer_shipping_methods",
    "ask_shipping_cost": "action_answer_shipping_cost",
    "ask_return_policy": "action_answer_return_policy",
    "ask_payment_methods": "action_answer_payment_methods",
    "ask_product_info": "action_answer_product",
    "request_document": "action_request_document",
    "talk_to_human": "action_hand_off",
    "open_ticket": "action_open_ticket",
    "ask_ticket_status": "action_tell_ticket_status",
    "manage_notifications": "action_manage_notifications",
}


# After these nothing more is offered: not understood, leaving, handed over.
NO_OFFER_AFTER = frozenset({"nlu_fallback", "goodbye", "thank", "talk_to_human"})


def settle_offer(turn: Turn) -> None:
    """Forget an offer that was not taken up: a "yes" later on answers another question."""
    offer = turn.slot("pending_offer")
    if offer in ACTIONS and turn.intent not in {"affirm", offer}:
        turn.set_slots(pending_offer=None, pending_note=None)


def offer_second_wish(turn: Turn) -> bool:
    """Offer the wish that is waiting, as soon as nothing is being asked about the first; True when it was offered."""
    if turn.second_wish in ACTIONS:
        turn.set_slots(second_wish=turn.second_wish, second_wish_words=turn.words)
    wish = turn.slot("second_wish")
    if wish is None:
        return False
    if turn.intent == wish:
        # Asked for by itself meanwhile.
        turn.set_slots(second_wish=None, second_wish_words=None)
        return False
    if turn.in_form or asks(turn) or turn.follows != LISTEN or turn.intent in NO_OFFER_AFTER:
        return False
    button = Button(f"intent_{wish}", wish)
    # The ticket of a request wants the words in which it was asked for, not the "yes".
    turn.set_slots(
        pending_offer=wish, pending_note=turn.slot("second_wish_words") if ACTIONS[wish] in REQUESTS else None
    )
    turn.set_slots(second_wish=None, second_wish_words=None)
    turn.say("utter_general_second_wish", buttons=[button], wish=button.title(turn.language))
    return True


def asks(turn: Turn) -> bool:
    """Tell whether the answer to the first wish ends in a question: which order, or how many stars."""
    request = turn.slot("pending_request")
    unknown = request is not None and turn.slot("order_id") is None
    return request in REQUESTS or unknown or turn.slot("pending_offer") in {"choose", "rating"}
