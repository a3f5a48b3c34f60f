"""Has an order moved since it was shown? For cards that stay open in front of the customer."""

from __future__ import annotations

from typing import Any

from peyk.domain.conversations import Caller
from peyk.domain.identity import Level, Verification
from peyk.domain.situations import Situation
from peyk.i18n.payload import order_payload
from peyk.services.results import TrackOutcome, TrackResult
from peyk.services.tracking import TrackOrder
from peyk.settings import Settings

# What nothing follows any more without the customer's own doing.
FINAL = frozenset({Situation.DELIVERED, Situation.REFUNDED, Situation.CANCELLED})
# What a card has of an order that nobody has proven to be theirs.
STAGE = frozenset({"orderId", "status", "statusFa"})
# When it was looked up is no news.
NO_NEWS = frozenset({"asOf"})

Order = dict[str, Any]


class FollowOrder:
    """Asks again for an order that stands on a card; nothing beyond the conversation's present level."""

    def __init__(self, tracking: TrackOrder, settings: Settings) -> None:
        self._tracking = tracking
        self._settings = settings

    def goes_on(self, order: Order) -> bool:
        """Tell whether anything may still happen to the order of a card."""
        return str(order.get("status")) not in FINAL

    def news(self, caller: Caller, shown: Order, language: str) -> Order | None:
        """Return the order as it is now, None when nothing has changed or nobody can say.

        Looking is not audited, showing is: an order that has changed is asked for once more as an answer to be shown.
        """
        number = str(shown.get("orderId"))
        looked = self._order(self._tracking.stage(caller, number), language)
        if looked is None or not _differs(shown, looked[0], looked[1]):
            return None
        if looked[1] < Level.VERIFIED:
            return looked[0]
        again = self._order(self._tracking.by_number(caller, number), language)
        return again[0] if again else None

    def proof(self, caller: Caller) -> Verification | None:
        """Return the proof that opens orders now, None without one. Raises Unavailable."""
        return self._tracking.proof(caller)

    def _order(self, result: TrackResult, language: str) -> tuple[Order, Level] | None:
        # A carrier that is away knows no news, and its last answer may be older than what is shown.
        if result.outcome is not TrackOutcome.FOUND or result.carrier_trouble:
            return None
        order = order_payload(result, language, self._settings.money_unit.value).get("order")
        return (order, Level(result.level)) if isinstance(order, dict) else None


def _differs(shown: Order, now: Order, level: Level) -> bool:
    if level < Level.VERIFIED or shown.keys() <= STAGE:
        # The proof has ended: what it had opened stays on the screen and is no longer compared. Or it came just now:
        # what it opens is the answer's to show, and no news of an order that stands where it stood.
        return bool(shown.get("status") != now.get("status"))
    return bool(_news_of(shown) != _news_of(now))


def _news_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _news_of(part) for name, part in value.items() if name not in NO_NEWS}
    if isinstance(value, list):
        return [_news_of(part) for part in value]
    return value
