"""The desk of people in memory: hand-offs with what was said in them, and the same rules of owning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from peyk.domain.conversations import Author, Button, Entry, Owner, Ownership
from peyk.domain.handoff import Handoff, HandoffReason, Note, Packet, Waiting
from peyk.domain.queues import Priority, Queue
from peyk.ports.clock import Clock
from peyk.ports.journal import About


@dataclass
class Kept:
    """One conversation."""

    handoff: Handoff
    about: About
    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)


class FakeDesk:
    """What `peyk.web.console.desk.HandOffDesk` and `Words` promise."""

    def __init__(self, clock: Clock) -> None:
        self.kept: dict[str, Kept] = {}
        self.moved_by = ""
        self._clock = clock

    def begin(
        self,
        here: str,
        wanted: str = "",
        *,
        reason: HandoffReason = HandoffReason.ASKED,
        queue: Queue = Queue.L1,
        priority: Priority = Priority.NORMAL,
        language: str = "fa",
        channel: str = "webchat",
        since: datetime | None = None,
        **packet: Any,
    ) -> Kept:
        """Put a conversation into the queue."""
        now = since or self._clock.now()
        facts = Packet(wanted=wanted, reason=reason, language=language, channel=channel, **packet)
        handoff = Handoff(len(self.kept) + 1, here, reason, queue, priority, now, facts)
        about = About(channel, language, Ownership(Owner.QUEUE, None, now), 0, now, now)
        self.kept[here] = Kept(handoff, about)
        return self.kept[here]

    def said(self, here: str, author: Author, text: str | None, *, buttons: Sequence[str] = (), **custom: Any) -> Entry:
        """Append what somebody says."""
        kept = self.kept[here]
        seq, at = kept.about.last_seq + 1, self._clock.now()
        offered = tuple(Button(title, f"b:{title}") for title in buttons)
        entry = Entry(seq=seq, author=author, at=at, text=text, buttons=offered, custom=custom)
        kept.entries.append(entry)
        kept.about = replace(kept.about, last_seq=seq, last_seen_at=at)
        return entry

    def about(self, conversation_id: str) -> About | None:
        kept = self.kept.get(conversation_id)
        return kept.about if kept else None

    def entries(
        self, conversation_id: str, *, after_seq: int, now: datetime, limit: int, for_people: bool = False
    ) -> list[Entry]:
        assert for_people
        return [entry for entry in self.kept[conversation_id].entries if entry.seq > after_seq][:limit]

    def waiting(self) -> list[Waiting]:
        found = [each for each in self.kept.values() if each.about.ownership.owner is not Owner.BOT]
        return [
            Waiting(
                each.handoff,
                each.about.ownership,
                each.entries[-1].at if each.entries else None,
                self._unread(each),
            )
            for each in sorted(found, key=lambda each: each.handoff.rank)
        ]

    def packet(self, conversation_id: str) -> Handoff | None:
        kept = self.kept.get(conversation_id)
        return kept.handoff if kept else None

    def take(self, conversation_id: str, agent: str) -> bool:
        return self._change(conversation_id, Owner.QUEUE, None, Ownership(Owner.AGENT, agent, self._clock.now()))

    def reply(
        self,
        conversation_id: str,
        agent: str,
        text: str,
        *,
        message_id: str,
        files: Sequence[Mapping[str, Any]] = (),
    ) -> int | None:
        kept = self.kept[conversation_id]
        if kept.about.ownership.agent != agent:
            return None
        if message_id not in kept.sent:
            custom: dict[str, Any] = {"files": list(files)} if files else {}
            kept.sent[message_id] = self.said(conversation_id, Author.AGENT, text, **custom).seq
        return kept.sent[message_id]

    def note(self, conversation_id: str, agent: str, text: str) -> None:
        notes = self.kept[conversation_id].notes
        notes.append(Note(len(notes) + 1, conversation_id, agent, text, self._clock.now()))

    def notes(self, conversation_id: str) -> list[Note]:
        return list(self.kept[conversation_id].notes)

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
        now = self._clock.now()
        new = Ownership(Owner.AGENT, to_agent, now) if to_agent else Ownership(Owner.QUEUE, None, now)
        if not self._change(conversation_id, Owner.AGENT, agent, new):
            return False
        kept = self.kept[conversation_id]
        kept.handoff = replace(kept.handoff, queue=to_queue or kept.handoff.queue)
        if note:
            self.note(conversation_id, by or agent, note)
        self.moved_by = by
        return True

    def release(self, conversation_id: str, agent: str, *, by: str = "") -> bool:
        self.moved_by = by
        return self._change(conversation_id, Owner.AGENT, agent, Ownership(Owner.QUEUE, None, self._clock.now()))

    def resolve(self, conversation_id: str, agent: str, summary: str) -> bool:
        if not self._change(conversation_id, Owner.AGENT, agent, Ownership(Owner.BOT, None, self._clock.now())):
            return False
        self.said(conversation_id, Author.SYSTEM, summary)
        return True

    def _change(self, here: str, owner: Owner, agent: str | None, new: Ownership) -> bool:
        kept = self.kept[here]
        if kept.about.ownership != Ownership(owner, agent):
            return False
        kept.about = replace(kept.about, ownership=new)
        return True

    @staticmethod
    def _unread(kept: Kept) -> int:
        count = 0
        for entry in reversed(kept.entries):
            if entry.author is Author.AGENT:
                break
            count += entry.author is Author.CUSTOMER
        return count
