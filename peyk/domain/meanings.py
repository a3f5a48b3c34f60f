"""Which meanings are wishes, and which are worth offering when a message was not clear enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# What can be asked for beside another thing, and offered after it; moods and manners are no wishes.
WISHES = frozenset(
    {
        *("track_order", "confirm_order", "ask_tracking_code", "report_delay", "report_stalled", "report_not_received"),
        *("report_returned", "report_damaged", "fix_address", "payment_problem", "request_return", "ask_refund_status"),
        *("cancel_order", "change_order", "ask_delivery_time", "ask_coverage", "ask_shipping_methods"),
        *("ask_shipping_cost", "ask_return_policy", "ask_payment_methods", "ask_product_info", "request_document"),
        *("talk_to_human", "open_ticket", "ask_ticket_status", "manage_notifications"),
    }
)
MOST_SUGGESTIONS = 3
MOST_OTHERS = 2
LEAST_CONFIDENCE = 0.05
# Below an answer a less likely meaning is no burden: nobody has to choose.
LEAST_BELOW_AN_ANSWER = 0.02
# "Did you mean: hello?" helps nobody; a rating and a language have to be said.
_NEVER_SUGGESTED = frozenset(
    {
        "nlu_fallback",
        "out_of_scope",
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "stop",
        "bot_challenge",
        "give_feedback",
        "change_language",
    }
)


def suggestions(ranking: Iterable[tuple[str, float]], least: float = LEAST_CONFIDENCE) -> list[str]:
    """Return up to three meanings of `least` confidence to offer, of (intent, confidence 0 to 1), likeliest first."""
    likely = [name for name, confidence in ranking if name not in _NEVER_SUGGESTED and confidence >= least]
    return likely[:MOST_SUGGESTIONS]


def other_meanings(ranking: Sequence[tuple[str, float]], sure: float) -> list[str]:
    """Return up to two meanings to offer below the answer to the likeliest, none from a confidence of `sure` on."""
    if not ranking or ranking[0][1] >= sure:
        return []
    return suggestions(ranking[1:], LEAST_BELOW_AN_ANSWER)[:MOST_OTHERS]
