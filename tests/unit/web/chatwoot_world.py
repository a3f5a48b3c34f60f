"""One conversation in Chatwoot's own widget, and an edge that is its agent bot."""

from __future__ import annotations

from typing import Any

from peyk.channels.chatwoot import BotTurn, conversation_id
from peyk.web.chatwoot_bot import PATH
from tests.fakes.chatwoot import ACCOUNT, BOT_TOKEN, TOKEN, WIDGET_INBOX, FakeChatwoot, signed
from tests.unit.web.conftest import Edge
from tests.unit.web.telegram_steps import rows, wait

SECRET = "bot-secret-4Lq"


def settings_of(server: FakeChatwoot) -> dict[str, Any]:
    """What an agent bot needs, and no more."""
    return {
        "chatwoot_url": server.url,
        "chatwoot_account": ACCOUNT,
        "chatwoot_token": TOKEN,
        "chatwoot_bot_token": BOT_TOKEN,
        "chatwoot_bot_secret": SECRET,
    }


class World:
    """One conversation in Chatwoot's own widget."""

    def __init__(self, edge: Edge, server: FakeChatwoot, chat: int | None = None) -> None:
        self.edge, self.server = edge, server
        self.chat = chat or self.begin()

    def begin(self) -> int:
        contact = self.server.add_contact(name="Mina")["id"]
        return int(self.server.begin(contact, WIDGET_INBOX, status="pending")["id"])

    @property
    def here(self) -> str:
        return conversation_id(self.edge.parts.settings.secret_key, BotTurn(self.chat, ACCOUNT, ""))

    @property
    def status(self) -> str:
        return str(self.server.conversations[self.chat]["status"])

    @status.setter
    def status(self, value: str) -> None:
        self.server.conversations[self.chat]["status"] = value

    def writes(self, text: str) -> dict[str, Any]:
        message = self.server.write(self.chat, text, message_type="incoming")
        return self.server.message_event(self.chat, message)

    def post(self, event: object, secret: str = SECRET) -> int:
        body, headers = signed(secret, event, self.edge.parts.clock.now().timestamp())
        return self.edge.client.post(PATH, content=body, headers=headers).status_code

    def settle(self, count: int) -> None:
        done = "SELECT count(*) FROM inbox WHERE channel = 'chatwoot' AND done_at IS NOT NULL"
        wait(self.edge, lambda: rows(self.edge, done)[0][0] >= count)

    @property
    def journal(self) -> list[str | None]:
        """What the console shows."""
        now = self.edge.parts.clock.now()
        return [each.text for each in self.edge.parts.journal.entries(self.here, after_seq=0, now=now, limit=100)]

    @property
    def said(self) -> list[str]:
        return [content for kind, _, content in self.server.texts(self.chat) if kind == "outgoing"]
