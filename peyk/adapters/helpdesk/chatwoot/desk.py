"""Chats handed over to Chatwoot's people (the port `HandOffDesk`)."""

from __future__ import annotations

from collections.abc import Sequence

from peyk.adapters.helpdesk.chatwoot import mapping
from peyk.adapters.helpdesk.chatwoot.adapter import Contacts, add_once, external_number, said_by_people
from peyk.adapters.helpdesk.chatwoot.client import SYSTEM, ChatwootApi
from peyk.domain.outside import HandOffBrief, Line, OutsideNote, ThreadNews


class ChatwootDesk:
    """A chat is a conversation in our API inbox: what customers write goes in, what people write comes out."""

    system = SYSTEM

    def __init__(self, api: ChatwootApi) -> None:
        self._api = api
        self._contacts = Contacts(api)

    def open(self, key: str, brief: HandOffBrief, lines: Sequence[Line]) -> str:
        """Begin a conversation, unless it is there, and write what people need to know."""
        contact = self._contacts.ensure(brief.customer_key, brief.customer_name, brief.mobile)
        found = mapping.conversation_with(self._api.conversations_of(contact), key)
        if found is None:
            # It is made open, not opened afterwards: who opens one with a user's token gets it assigned.
            found = self._api.create_conversation(mapping.conversation_body(contact, key, brief.customer_name))
        external_id = mapping.ticket_of(found).id
        messages = [mapping.brief_message(key, brief), *map(mapping.line_message, lines)]
        add_once(self._api, external_number(external_id), messages)
        return external_id

    def forward(self, external_id: str, lines: Sequence[Line]) -> None:
        """Write what was said since, each line once."""
        add_once(self._api, external_number(external_id), map(mapping.line_message, lines))

    def read(self, external_id: str, after: int) -> ThreadNews:
        """Return the status and what people wrote. The status first: a word said before "resolved" is never missed."""
        number = external_number(external_id)
        status = mapping.status_of(self._api.conversation(number))
        said, newest = said_by_people(self._api, number, after)
        return ThreadNews(status, tuple(said), newest)

    def tell(self, external_id: str, key: str, text: str) -> None:
        """Write a private note, once."""
        add_once(self._api, external_number(external_id), [mapping.note_message(OutsideNote(key, text))])

    def close(self, external_id: str) -> None:
        """Resolve the conversation."""
        self._api.toggle_status(external_number(external_id), "resolved")
