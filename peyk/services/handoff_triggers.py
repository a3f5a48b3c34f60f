"""When a conversation goes to a person: the shop's rules applied to a customer and their words."""

from __future__ import annotations

from peyk.domain.conversations import Caller
from peyk.domain.handoff import HandoffReason
from peyk.domain.identity import Verification
from peyk.domain.orders import Order
from peyk.domain.tickets import TicketReason
from peyk.errors import ExternalError
from peyk.ports.clock import Clock
from peyk.ports.journal import Journal
from peyk.ports.orders import OrderSource
from peyk.ports.records import Records
from peyk.services.handoff_packet import last_said
from peyk.services.handoff_rules import ANGRY_WITHIN, reason_of_ticket, rules_of
from peyk.services.side_by_side import Deadline
from peyk.settings import Settings


class Triggers:
    """Tells why a conversation should change hands, or that it should not."""

    def __init__(
        self, *, journal: Journal, orders: OrderSource, records: Records, clock: Clock, settings: Settings
    ) -> None:
        self._journal = journal
        self._orders = orders
        self._records = records
        self._clock = clock
        self._deadline_s = settings.deadline_s
        self._rules = rules_of(settings)

    def wants(self, reason: HandoffReason) -> bool:
        """Tell whether this reason hands over at this shop."""
        return self._rules.wants(reason)

    def reason_of(self, caller: Caller, ticket: TicketReason, order_number: str | None) -> HandoffReason | None:
        """Return why a conversation with this ticket goes to a person now, None when the ticket is enough."""
        reason = reason_of_ticket(ticket)
        if reason is not None and self.wants(reason):
            return reason
        return self.care(caller, order_number)

    def care(self, caller: Caller, order_number: str | None = None) -> HandoffReason | None:
        """Return VIP or CITY for a proven customer the shop looks after in person as soon as something is wrong."""
        if not any(self.wants(reason) for reason in (HandoffReason.VIP, HandoffReason.CITY)):
            return None
        proof = self.proof(caller)
        orders = self.orders_of(proof) if proof else []
        if self.wants(HandoffReason.VIP) and any(order.vip for order in orders):
            return HandoffReason.VIP
        meant = [order for order in orders if order_number in (None, order.number)]
        return HandoffReason.CITY if any(order.city in self._rules.cities for order in meant) else None

    def listens_to(self, text: str) -> bool:
        """Tell whether there is anything in a text that may hand over: quick, and asks nobody."""
        stops = self.wants(HandoffReason.STOP_WORD) and self._rules.stop_words.found_in(text)
        return stops or (self.wants(HandoffReason.ANGRY) and self._rules.angry_words.found_in(text))

    def reason_in(self, caller: Caller, seq: int, text: str) -> HandoffReason | None:
        """Return why the words of message `seq` hand over: a word the shop has set, or anger for the second time."""
        if self.wants(HandoffReason.STOP_WORD) and self._rules.stop_words.found_in(text):
            return HandoffReason.STOP_WORD
        if not self.wants(HandoffReason.ANGRY) or not self._rules.angry_words.found_in(text):
            return None
        if self._angry_before(caller.conversation_id, seq):
            return HandoffReason.ANGRY
        return self.care(caller)

    def proof(self, caller: Caller) -> Verification | None:
        """Return what the customer has proven."""
        return self._records.verifications.current(caller.conversation_id, self._clock.now())

    def orders_of(self, proof: Verification) -> list[Order]:
        """Return the orders of the proven mobile; of a shop that does not answer none."""
        deadline = Deadline(self._deadline_s)
        try:
            return deadline.ask("shop", lambda: self._orders.by_mobile(proof.mobile)).answer()
        except ExternalError:
            # Whoever is VIP to a shop that does not answer waits like everybody else.
            return []

    def _angry_before(self, conversation_id: str, seq: int) -> bool:
        about, now = self._journal.about(conversation_id), self._clock.now()
        if about is None:
            return False
        back_since = about.ownership.since
        earlier = [
            entry
            for entry in last_said(self._journal, conversation_id, about.last_seq, now)
            if entry.seq < seq and entry.at > now - ANGRY_WITHIN and (back_since is None or entry.at > back_since)
        ]
        return any(self._rules.angry_words.found_in(entry.text or "") for entry in earlier)
