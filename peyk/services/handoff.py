"""Handing a conversation to a person of the shop and back: exactly one party speaks.

Who has a conversation stands in the journal, and is changed there in one step with the sentence that says so. The
hand-off beside it (why, which queue, what a person has to know) is written before the change and finished after it;
what a crash leaves between the two is put right by `tick`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from peyk.domain.conversations import Caller, Owner, Ownership, Utterance
from peyk.domain.handoff import Handoff, HandoffReason, HandoffRequest, Note, Prepared, Waiting
from peyk.domain.queues import Queue
from peyk.ports.clock import Clock
from peyk.ports.handoff import Desk, Handoffs, Hours
from peyk.ports.journal import About, Journal
from peyk.ports.orders import OrderSource
from peyk.ports.records import Records
from peyk.services import handoff_words as words_of
from peyk.services.handoff_packet import PacketWriter
from peyk.services.handoff_queue import Line
from peyk.services.handoff_rules import priority_of, queue_of
from peyk.services.handoff_timers import Timers
from peyk.services.handoff_triggers import Triggers
from peyk.services.tracking import TrackOrder
from peyk.settings import Settings

__all__ = ["HandOff", "Prepared", "Waiting"]

log = structlog.get_logger(__name__)

BOT, QUEUE = Ownership(), Ownership(Owner.QUEUE)


class HandOff:
    """Gives conversations to people, and back to the bot."""

    def __init__(
        self,
        *,
        handoffs: Handoffs,
        journal: Journal,
        desk: Desk,
        hours: Callable[[], Hours],
        orders: OrderSource,
        tracking: TrackOrder,
        records: Records,
        clock: Clock,
        settings: Settings,
        outside_desk: bool = False,
    ) -> None:
        """Take the ports; `hours` is asked each time, for a shop may change its office hours.

        With an `outside_desk` chats are answered elsewhere, too: then somebody could always answer.
        """
        self._outside_desk = outside_desk
        self._handoffs = handoffs
        self._journal = journal
        self._desk = desk
        self._records = records
        self._clock = clock
        self._settings = settings
        self.triggers = Triggers(journal=journal, orders=orders, records=records, clock=clock, settings=settings)
        self._packets = PacketWriter(tracking=tracking, journal=journal, settings=settings)
        self._line = Line(handoffs, hours)
        self._timers = Timers(handoffs, journal, self._line, settings)

    def available(self) -> bool:
        """Tell whether somebody could answer at all; if not, nothing is ever handed over."""
        return self._outside_desk or self._desk.anybody()

    def prepare(
        self,
        caller: Caller,
        reason: HandoffReason,
        *,
        order_number: str | None = None,
        words: str = "",
        tried: Sequence[str] = (),
        ticket_number: str | None = None,
    ) -> Prepared | None:
        """Keep what a person has to know, once a conversation; the journal's next step gives the conversation away.

        None, and nothing is kept, when this reason does not hand over at this shop, nobody could answer, or the
        conversation is unknown. Raises Unavailable.
        """
        if not self.triggers.wants(reason) or not self.available():
            return None
        about = self._journal.about(caller.conversation_id)
        if about is None:
            return None
        now = self._clock.now()
        proof = self.triggers.proof(caller)
        vip = proof is not None and any(order.vip for order in self.triggers.orders_of(proof))
        packet = self._packets.write(
            caller, reason, about, proof, order_number=order_number, words=words, tried=tried, now=now
        )
        queue, priority = queue_of(reason, vip=vip), priority_of(reason, vip=vip)
        request = HandoffRequest(caller.conversation_id, reason, queue, priority, packet, ticket_number)
        handoff = self._handoffs.prepare(request, now)
        if handoff is None:
            return None
        log.info("handoff.prepared", conversation_id=caller.conversation_id, reason=reason.value, queue=queue.value)
        return self._line.place(handoff, now)

    def handed_over(self, prepared: Prepared, language: str) -> words_of.Said:
        """Return what Peyk says when it hands over itself."""
        return words_of.handed_over(prepared, self._clock.now(), language)

    def language_of(self, conversation_id: str) -> str:
        """Return the language Peyk itself speaks in a conversation."""
        return self._language(self._journal.about(conversation_id))

    def waiting(self) -> list[Waiting]:
        """Return the conversations people have or should take, in the order of work."""
        cases = [case for case in self._handoffs.cases() if case.ownership.owner is not Owner.BOT]
        cases.sort(key=lambda case: case.handoff.rank)
        return [Waiting(case.handoff, case.ownership, case.last_entry_at, case.unread) for case in cases]

    def name(self, agent: str) -> str | None:
        """Return what customers call an agent, None when there is no name for them."""
        return self._desk.name(agent) or None

    def place(self, conversation_id: str) -> int | None:
        """Return a waiting conversation's place in its queue, from 1; None when it does not wait."""
        handoff = self._handoffs.current(conversation_id)
        if handoff is None or handoff.closed_at is not None:
            return None
        return len(self._handoffs.ahead_of(handoff)) + 1

    def take(self, conversation_id: str, agent: str) -> bool:
        """Give a waiting conversation to an agent; of two at once one gets it."""
        about = self._journal.about(conversation_id)
        if about is None:
            return False
        saying = words_of.joined(self._desk.name(agent), self._language(about))
        now = self._clock.now()
        taken = self._journal.change_owner(conversation_id, QUEUE, Ownership(Owner.AGENT, agent), now, saying=saying)
        if taken:
            self._handoffs.taken(conversation_id, agent, now)
            self._audit("handoff.taken", conversation_id, agent)
        return taken

    def reply(
        self,
        conversation_id: str,
        agent: str,
        text: str,
        *,
        message_id: str,
        files: Sequence[Mapping[str, Any]] = (),
    ) -> int | None:
        """Say what an agent writes, once a message id; None when the conversation is not theirs."""
        utterance = Utterance(text or None, custom={"files": [dict(file) for file in files]} if files else {})
        now = self._clock.now()
        seq = self._journal.say(conversation_id, utterance, agent=agent, now=now, message_id=message_id)
        if seq is not None:
            self._handoffs.answered(conversation_id, now)
        return seq

    def note(self, conversation_id: str, agent: str, text: str) -> None:
        """Keep a note for colleagues."""
        self._handoffs.add_note(conversation_id, agent, text, self._clock.now())

    def transfer(
        self,
        conversation_id: str,
        agent: str,
        *,
        to_agent: str | None = None,
        to_queue: Queue | None = None,
        note: str = "",
        by: str = "",
    ) -> bool:
        """Give an agent's own conversation to a colleague or to a queue; False when it is not theirs.

        `by` is who does it in their name: a lead.
        """
        about = self._journal.about(conversation_id)
        if about is None or (to_agent is None) == (to_queue is None) or to_agent == agent:
            return False
        if to_queue is not None:
            done = self._to_queue(conversation_id, agent, about, to_queue)
        else:
            new = Ownership(Owner.AGENT, to_agent)
            name = self._desk.name(str(to_agent))
            saying = words_of.transferred(name, self._language(about))
            mine, now = Ownership(Owner.AGENT, agent), self._clock.now()
            done = self._journal.change_owner(conversation_id, mine, new, now, saying=saying)
            if done:
                self._handoffs.taken(conversation_id, str(to_agent), now)
        if done:
            to = str(to_agent) if to_queue is None else to_queue.value
            self._audit("handoff.transferred", conversation_id, by or agent, was=agent, to=to)
        if done and note:
            self.note(conversation_id, by or agent, note)
        return done

    def release(self, conversation_id: str, agent: str, *, by: str = "") -> bool:
        """Put an agent's own conversation back into its queue, `by` them or a lead; False when it is not theirs."""
        about = self._journal.about(conversation_id)
        if about is None or not self._to_queue(conversation_id, agent, about, None):
            return False
        self._audit("handoff.released", conversation_id, by or agent, was=agent)
        return True

    def resolve(self, conversation_id: str, agent: str, summary: str) -> bool:
        """Tell the customer how it ended, ask how it was, and let the bot answer again; False when it is not theirs."""
        about, mine = self._journal.about(conversation_id), Ownership(Owner.AGENT, agent)
        handoff = self._open(conversation_id) if about is not None and about.ownership == mine else None
        if handoff is None:
            return False
        self._handoffs.summarise(conversation_id, summary)
        saying, offers = words_of.resolved(handoff.id, summary.strip(), self._language(about))
        now = self._clock.now()
        if not self._journal.change_owner(conversation_id, mine, BOT, now, saying=saying, offers=offers):
            return False
        self._handoffs.close(conversation_id, now)
        self._audit("handoff.resolved", conversation_id, agent)
        return True

    def back_to_bot(self, conversation_id: str) -> tuple[bool, Utterance]:
        """Let the bot answer a customer who would rather not wait; tell whether that is said already, and what is."""
        about = self._journal.about(conversation_id)
        language = self._language(about)
        back, now = words_of.with_bot("handoff.back", language), self._clock.now()
        if self._journal.change_owner(conversation_id, QUEUE, BOT, now, saying=back, answering=True):
            self._handoffs.close(conversation_id, now)
            return True, back
        person = self._journal.owner(conversation_id).owner is Owner.AGENT
        return False, Utterance(
            words_of.with_bot("handoff.back.person" if person else "handoff.back.already", language).text
        )

    def rate(self, conversation_id: str, handoff_id: int, stars: int) -> Utterance | None:
        """Keep what a customer thinks of the help; None when the hand-off is not theirs."""
        if not self._handoffs.rate(conversation_id, handoff_id, stars):
            return None
        return words_of.thanks(stars, self._language(self._journal.about(conversation_id)))

    def packet(self, conversation_id: str) -> Handoff | None:
        """Return the conversation's open hand-off, else its last."""
        return self._handoffs.current(conversation_id)

    def notes(self, conversation_id: str) -> list[Note]:
        """Return what colleagues have noted, oldest first."""
        return self._handoffs.notes(conversation_id)

    def unsettled(self, conversation_id: str) -> bool:
        """Tell whether Rasa may still be where it was before people had the conversation."""
        return self._handoffs.unsettled(conversation_id)

    def settled(self, conversation_id: str) -> None:
        """Remember that Rasa has begun anew."""
        self._handoffs.settled(conversation_id, self._clock.now())

    def tick(self, now: datetime) -> None:
        """Do what is due: unanswered ones back to the queue, silent ones back to the bot, what crashes left mended."""
        self._timers.tick(now)

    def _to_queue(self, conversation_id: str, agent: str, about: About, queue: Queue | None) -> bool:
        now, mine = self._clock.now(), Ownership(Owner.AGENT, agent)
        handoff = self._open(conversation_id) if about.ownership == mine else None
        if handoff is None:
            return False
        prepared = self._line.place(handoff, now, queue)
        saying, offers = words_of.queued(prepared, now, self._language(about), "handoff.released")
        if not self._journal.change_owner(conversation_id, mine, QUEUE, now, saying=saying, offers=offers):
            return False
        if queue is not None:
            self._handoffs.move(conversation_id, queue)
        return True

    def _open(self, conversation_id: str) -> Handoff | None:
        """Return the open hand-off; made now if a crash has left people a conversation without one."""
        known = self._handoffs.current(conversation_id)
        if known is None or known.closed_at is not None:
            now = self._clock.now()
            self._handoffs.reconcile(now, unused_before=now)
            known = self._handoffs.current(conversation_id)
        return known

    def _language(self, about: About | None) -> str:
        return (about.language if about else None) or self._settings.default_language

    def _audit(self, event: str, conversation_id: str, agent: str, **detail: str) -> None:
        self._records.audit.append(
            at=self._clock.now(), conversation_id=conversation_id, event=event, subject=agent, detail=detail
        )
