"""Where is my order? By number, by tracking code, or all of a proven mobile.

What may be shown: the stage of an order to anybody who names it, everything to the conversation
that has proven the order's mobile. Numbers that do not exist are counted, and so are the different orders
of others; when a limit is reached nobody unproven learns any more whether a number exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import structlog

from peyk.domain.conversations import Caller
from peyk.domain.identity import Level, Verification
from peyk.domain.orders import Order
from peyk.domain.situations import Situation
from peyk.errors import ExternalError, NotFound, Throttled
from peyk.logging import mask
from peyk.ports.carrier import Carrier
from peyk.ports.clock import Clock
from peyk.ports.orders import OrderSource
from peyk.ports.payments import PaymentGateway
from peyk.ports.records import Records
from peyk.services.assess import Rules, is_void, parcel_stages
from peyk.services.by_code import CodeLookup
from peyk.services.collect import Collector, OrderFacts
from peyk.services.contacts import TagContacts
from peyk.services.find import Ambiguous, OrderFinder
from peyk.services.limits import Guesses
from peyk.services.results import Parcel, TrackOutcome, TrackResult
from peyk.services.side_by_side import Deadline
from peyk.settings import Settings

__all__ = ["Parcel", "TrackOrder", "TrackOutcome", "TrackResult"]

log = structlog.get_logger(__name__)


class TrackOrder:
    """Answers where orders and parcels are; every failure outside becomes an outcome."""

    def __init__(
        self,
        *,
        orders: OrderSource,
        carriers: Mapping[str, Carrier],
        payments: PaymentGateway,
        records: Records,
        clock: Clock,
        settings: Settings,
        rules: Rules,
        contacts: TagContacts | None = None,
    ) -> None:
        self._orders = orders
        self._records = records
        self._contacts = contacts
        self._clock = clock
        self._settings = settings
        self._rules = rules
        self._guesses = Guesses(records.limiter, settings)
        self._finder = OrderFinder(orders, settings.order_format)
        self._collector = Collector(carriers, payments, records.snapshots, clock, rules)
        self._codes = CodeLookup(orders, carriers, self._collector, clock, rules)

    def by_number(self, caller: Caller, number: str) -> TrackResult:
        """Return the stage of an order, or all of it when the conversation has proven its mobile."""
        return self._answer(lambda: self._by_number(caller, number, audit=True))

    def stage(self, caller: Caller, number: str) -> TrackResult:
        """Return what `by_number` does, for a decision of ours: nothing of it is shown, so nothing is audited."""
        return self._answer(lambda: self._by_number(caller, number, audit=False))

    def by_code(self, caller: Caller, code: str) -> TrackResult:
        """Return the stage of one parcel by its tracking code: level 1, and nothing personal in it."""
        return self._answer(lambda: self._by_code(caller, code))

    def proof(self, caller: Caller) -> Verification | None:
        """Return what the conversation has proven, while it lasts. Raises Unavailable."""
        return self._proof(caller)

    def recent(self, caller: Caller, *, shown: bool = True) -> list[TrackResult] | None:
        """Return the newest three orders of the proven mobile, newest first; None when none is proven.

        When the shop does not answer the list holds one result that says so. Without `shown` the list only
        serves to understand the customer ("the second one"), so nothing is audited.
        """
        try:
            proof = self._proof(caller)
            if proof is None:
                return None
            results = self._recent(caller, proof, audit=shown)
        except ExternalError as exc:
            results = [self._failed(exc)]
        return [self._stamped(result) for result in results]

    def _recent(self, caller: Caller, proof: Verification, *, audit: bool) -> list[TrackResult]:
        deadline = Deadline(self._settings.deadline_s)
        orders = deadline.ask("shop", lambda: self._orders.by_mobile(proof.mobile)).answer()
        facts = self._collector.collect(orders, deadline, insist=False)
        return [self._whole(caller, proof, each, audit=audit) for each in facts]

    def _by_number(self, caller: Caller, number: str, *, audit: bool) -> TrackResult:
        proof = self._proof(caller)
        limit = self._guesses.reached(caller)
        if limit and proof is None:
            return self._too_many(limit)
        own_mobile = proof.mobile if proof else None
        deadline = Deadline(self._settings.deadline_s)
        try:
            order = deadline.ask("shop", partial(self._finder.find, number, own_mobile)).answer()
        except NotFound:
            return self._missed(caller, limit, TrackOutcome.NOT_FOUND)
        except Ambiguous:
            return self._missed(caller, limit, TrackOutcome.AMBIGUOUS)
        if proof and order.mobile == proof.mobile:
            facts = self._collector.collect([order], deadline)[0]
            return self._whole(caller, proof, facts, audit=audit)
        limit = limit or self._guesses.found(caller, order.number)
        if limit:
            return self._too_many(limit)
        return self._stage(order, deadline, other_mobile=proof is not None)

    def _by_code(self, caller: Caller, code: str) -> TrackResult:
        proof = self._proof(caller)
        limit = self._guesses.reached(caller)
        if limit and proof is None:
            return self._too_many(limit)
        try:
            found = self._codes.find(code, Deadline(self._settings.deadline_s))
        except NotFound:
            return self._missed(caller, limit, TrackOutcome.NOT_FOUND)
        if proof and found.owner_mobile == proof.mobile:
            return found.result
        limit = limit or self._guesses.found(caller, found.code)
        return self._too_many(limit) if limit else found.result

    def _whole(self, caller: Caller, proof: Verification, facts: OrderFacts, *, audit: bool) -> TrackResult:
        if audit:
            self._records.audit.append(
                at=self._clock.now(),
                conversation_id=caller.conversation_id,
                event="order.shown",
                subject=facts.order.number,
                detail={"mobile": mask(proof.mobile), "situation": facts.situation.value, "level": "2"},
            )
            self._tag(caller, proof.mobile, facts)
        return TrackResult(
            TrackOutcome.FOUND,
            level=Level.VERIFIED,
            order_number=facts.order.number,
            situation=facts.situation,
            order=facts.order,
            payment=facts.payment,
            # A label the carrier has cancelled is no parcel: it is neither counted nor told about.
            parcels=tuple(parcel for parcel in facts.parcels if not is_void(parcel.tracking)),
            as_of=facts.as_of,
            carrier_trouble=facts.carrier_trouble,
            shop_as_of=facts.order.as_of,
            method=proof.method,
        )

    def _tag(self, caller: Caller, mobile: str, facts: OrderFacts) -> None:
        if self._contacts is None:
            return
        told = [facts.situation]
        if facts.situation is Situation.SPLIT:
            # One parcel lost is told with the others, and is as much a reason for a tag as an order that is lost.
            trackings = [parcel.tracking for parcel in facts.parcels]
            told = sorted(parcel_stages(facts.order, trackings, self._clock.now(), self._rules))
        for situation in told:
            self._contacts.note(caller.conversation_id, mobile, facts.order.number, situation, facts.parcels)

    def _stage(self, order: Order, deadline: Deadline, *, other_mobile: bool) -> TrackResult:
        facts = self._collector.collect([order], deadline, stage_only=True)[0]
        # Order, payment and parcels are left out here, so that no mistake further out can show them.
        return TrackResult(
            TrackOutcome.FOUND,
            order_number=order.number,
            situation=facts.situation,
            as_of=facts.as_of,
            carrier_trouble=facts.carrier_trouble,
            shop_as_of=facts.order.as_of,
            other_mobile=other_mobile,
        )

    def _missed(self, caller: Caller, limit: Throttled | None, outcome: TrackOutcome) -> TrackResult:
        limit = limit or self._guesses.miss(caller)
        return self._too_many(limit) if limit else TrackResult(outcome)

    def _too_many(self, limit: Throttled) -> TrackResult:
        return TrackResult(TrackOutcome.TOO_MANY, retry_after_s=limit.retry_after_s, scope=limit.scope)

    def _failed(self, exc: ExternalError) -> TrackResult:
        log.warning("tracking.failed", system=exc.system, kind=exc.kind)
        return TrackResult(TrackOutcome(exc.kind), scope=exc.system, page=exc.page)

    def _answer(self, answer: Callable[[], TrackResult]) -> TrackResult:
        try:
            return self._stamped(answer())
        except ExternalError as exc:
            return self._stamped(self._failed(exc))

    def _stamped(self, result: TrackResult) -> TrackResult:
        return replace(result, asked_at=self._clock.now())

    def _proof(self, caller: Caller) -> Verification | None:
        return self._records.verifications.current(caller.conversation_id, self._clock.now())
