"""Tags a contact when a verified customer is first told that something is wrong with an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from threading import BoundedSemaphore

import structlog
import yaml

from peyk.domain.contacts import Tag, Tagged
from peyk.domain.situations import Situation
from peyk.domain.webhooks import Event, EventType
from peyk.errors import BadAnswer, ExternalError, NotFound, NotYet
from peyk.i18n import text
from peyk.ports.clock import Clock
from peyk.ports.crm import Contacts, Crm
from peyk.ports.rest import WebhookOutbox
from peyk.services.results import Parcel

log = structlog.get_logger(__name__)

# So many may wait to be written; whoever is told again is tagged then.
WAITING = 1000
# For so long a CRM outside that does not answer is told later.
TOLD_LATER_FOR = timedelta(hours=72)
TOLD_AT_ONCE = 50
# A tag it does not take is told again so much later: meanwhile the others go on.
REFUSED_FOR = timedelta(hours=1)


class TagContacts:
    """Keeps the tags, tells the shop's servers, and the CRM outside where there is one.

    An answer waits for none of it: it is written by a thread of its own.
    """

    def __init__(
        self, *, contacts: Contacts, outbox: WebhookOutbox, clock: Clock, language: str, crm: Crm | None = None
    ) -> None:
        """Take what keeps and what tells; `language` is the shop's."""
        self._contacts = contacts
        self._outbox = outbox
        self._clock = clock
        self._language = language
        self._crm = crm
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="contacts")
        self._waiting = BoundedSemaphore(WAITING)
        self._refused: dict[Tagged, datetime] = {}

    def note(
        self, conversation_id: str, mobile: str, number: str, situation: Situation, parcels: Sequence[Parcel]
    ) -> None:
        """Note what the customer of a conversation is told of an order. Returns at once, raises nothing."""
        tag = _tag(situation, parcels)
        if tag is None or not self._waiting.acquire(blocking=False):
            return
        tagged = Tagged(mobile, number, situation.value, tag, self._clock.now())
        try:
            self._thread.submit(self._keep, conversation_id, tagged)
        except RuntimeError:
            # The process ends.
            self._waiting.release()

    def tick(self, now: datetime) -> None:
        """Tell the CRM outside what it has not taken yet. Raises Unavailable when the store does not answer."""
        if self._crm is None:
            return
        self._refused = {tagged: at for tagged, at in self._refused.items() if now - at < REFUSED_FOR}
        # Beyond those it has refused, so that however many they are the others have their places.
        for tagged in self._contacts.untold(now - TOLD_LATER_FOR, TOLD_AT_ONCE + len(self._refused)):
            if tagged in self._refused:
                continue
            try:
                self._crm.tag(tagged, self._words(tagged.tag))
            except (BadAnswer, NotFound, NotYet) as exc:
                # An answer about this one alone.
                log.warning("crm.refused", system=exc.system, kind=exc.kind, order=tagged.order_number)
                self._refused[tagged] = now
                continue
            except ExternalError as exc:
                log.warning("crm.failed", system=exc.system, kind=exc.kind)
                return
            self._contacts.told(tagged)

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._thread.shutdown()

    def _keep(self, conversation_id: str, tagged: Tagged) -> None:
        try:
            if self._contacts.is_tagged(tagged):
                return
            # First the event: a process that dies in between tells it twice, with the same id, and never not at all.
            self._outbox.put(self._event(conversation_id, tagged), self._clock.now())
            self._contacts.add(tagged)
        except ExternalError as exc:
            log.warning("contact.not_tagged", kind=exc.kind)
        except Exception:
            log.exception("contact.not_tagged")
        finally:
            self._waiting.release()

    def _event(self, conversation_id: str, tagged: Tagged) -> Event:
        facts = {
            "order": tagged.order_number,
            "reason": tagged.reason,
            "tag": tagged.tag.value,
            "label": self._words(tagged.tag),
        }
        return Event(EventType.CONTACT_TAGGED, conversation_id, tagged.at, facts=facts)

    def _words(self, tag: Tag) -> str:
        return text(f"contact_tag.{tag.value}", self._language)


def _tag(situation: Situation, parcels: Sequence[Parcel]) -> Tag | None:
    reasons = {parcel.tracking.reason for parcel in parcels if parcel.tracking and parcel.tracking.reason}
    keys = [situation.value, *(f"{situation.value}/{reason.value}" for reason in reasons)]
    return next((Tag(_tags()[key]) for key in keys if key in _tags()), None)


@cache
def _tags() -> Mapping[str, str]:
    words = files("peyk.services.data").joinpath("contact_tags.yml").read_text(encoding="utf-8")
    tags: Mapping[str, str] = yaml.safe_load(words)
    return tags
