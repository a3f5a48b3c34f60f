"""What time does to conversations people have: nobody answers, nobody writes, or a crash left things half done."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from peyk.domain.conversations import Owner, Ownership
from peyk.domain.handoff import Case
from peyk.ports.handoff import Handoffs
from peyk.ports.journal import Journal
from peyk.services import handoff_words as words_of
from peyk.services.handoff_queue import Line
from peyk.settings import Settings

log = structlog.get_logger(__name__)

# Between preparing a hand-off and the change of hands lie milliseconds; after this it never came to be.
UNUSED_AFTER = timedelta(minutes=10)


class Timers:
    """Every change is a compare-and-set: run twice at once, it still happens once."""

    def __init__(self, handoffs: Handoffs, journal: Journal, line: Line, settings: Settings) -> None:
        self._handoffs = handoffs
        self._journal = journal
        self._line = line
        self._default_language = settings.default_language
        self._unanswered_after = timedelta(minutes=settings.handoff_unanswered_minutes)
        self._idle_after = timedelta(minutes=settings.handoff_idle_minutes)

    def tick(self, now: datetime) -> None:
        """Do what is due at `now`."""
        mended = self._handoffs.reconcile(now, unused_before=now - UNUSED_AFTER)
        if mended:
            log.info("handoff.reconciled", count=mended)
        for case in self._handoffs.cases():
            if case.ownership.owner is Owner.AGENT:
                self._look_at(case, now)

    def _look_at(self, case: Case, now: datetime) -> None:
        if case.waits_since is not None:
            if now - case.waits_since >= self._unanswered_after:
                self._requeue(case, now)
        elif case.last_entry_at is not None and now - case.last_entry_at >= self._idle_after:
            self._give_back(case, now)

    def _requeue(self, case: Case, now: datetime) -> None:
        here, language = case.handoff.conversation_id, case.language or self._default_language
        prepared = self._line.place(case.handoff, now)
        saying, offers = words_of.queued(prepared, now, language, "handoff.requeued")
        queue = Ownership(Owner.QUEUE)
        if self._journal.change_owner(here, case.ownership, queue, now, saying=saying, offers=offers):
            log.info("handoff.unanswered", conversation_id=here)

    def _give_back(self, case: Case, now: datetime) -> None:
        here, language = case.handoff.conversation_id, case.language or self._default_language
        saying = words_of.with_bot("handoff.idle", language)
        if self._journal.change_owner(here, case.ownership, Ownership(), now, saying=saying):
            self._handoffs.close(here, now)
            log.info("handoff.idle", conversation_id=here)
