"""Peyk as an agent bot of Chatwoot (the port `BotDesk`)."""

from __future__ import annotations

from peyk.adapters._http import Rejected
from peyk.adapters.helpdesk.chatwoot import mapping
from peyk.adapters.helpdesk.chatwoot.client import SYSTEM, ChatwootApi
from peyk.domain.conversations import Utterance
from peyk.domain.outside import ThreadStatus
from peyk.errors import NotFound, Unavailable

TOKEN_REFUSED = {401, 403}


class ChatwootBot:
    """Writes and hands over with a bot's token, which may do no more; reads with a user's, if there is one."""

    system = SYSTEM

    def __init__(self, api: ChatwootApi, reader: ChatwootApi | None = None) -> None:
        self._api = api
        self._reader = reader

    def say(self, conversation: int, utterance: Utterance) -> None:
        """Write to the customer; where a channel takes no buttons, the words alone."""
        try:
            self._api.add_message(conversation, mapping.bot_message(utterance))
        except Rejected as exc:
            if exc.status in TOKEN_REFUSED:
                # The message is as good as before once the token is mended.
                raise Unavailable(SYSTEM, str(exc)) from exc
            if not utterance.buttons:
                raise
            self._api.add_message(conversation, mapping.bot_message(Utterance(utterance.text)))

    def is_pending(self, conversation: int) -> bool | None:
        """Tell whether the bot has the conversation now; None without a token that may read it."""
        if self._reader is None:
            return None
        try:
            return mapping.status_of(self._reader.conversation(conversation)) is ThreadStatus.BOT
        except NotFound:
            # It has been deleted.
            return False
        except Rejected:
            return None

    def hand_over(self, conversation: int) -> None:
        """Open the conversation: Chatwoot notes that its bot has handed it over."""
        self._api.toggle_status(conversation, "open")
