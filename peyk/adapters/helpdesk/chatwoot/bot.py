"""Peyk as an agent bot of Chatwoot (the port `BotDesk`)."""

from __future__ import annotations

from peyk.adapters._http import Rejected
from peyk.adapters.helpdesk.chatwoot import mapping
from peyk.adapters.helpdesk.chatwoot.client import SYSTEM, ChatwootApi
from peyk.domain.conversations import Utterance
from peyk.domain.outside import ThreadStatus
from peyk.errors import AccessRefused, NotFound


class ChatwootBot:
    """Writes and hands over with a bot's token, which may do no more; reads with a user's."""

    system = SYSTEM

    def __init__(self, api: ChatwootApi, reader: ChatwootApi) -> None:
        self._api = api
        self._reader = reader

    def say(self, conversation: int, utterance: Utterance) -> None:
        """Write to the customer; where a channel takes no buttons, the words alone."""
        try:
            self._api.add_message(conversation, mapping.bot_message(utterance))
        except Rejected:
            if not utterance.buttons:
                raise
            self._api.add_message(conversation, mapping.bot_message(Utterance(utterance.text)))

    def has_bot(self, conversation: int, assignee: int | None) -> bool | None:
        """Tell whether the conversation is pending and nobody has taken it since it was `assignee`'s.

        None when the token may not read it.
        """
        try:
            now = self._reader.conversation(conversation)
            # Who gave it back to the bot may still be its assignee.
            return mapping.status_of(now) is ThreadStatus.BOT and mapping.assignee_of(now) in (None, assignee)
        except NotFound:
            # It has been deleted.
            return False
        except (Rejected, AccessRefused):
            return None

    def hand_over(self, conversation: int) -> None:
        """Open the conversation: Chatwoot notes that its bot has handed it over."""
        self._api.toggle_status(conversation, "open")
