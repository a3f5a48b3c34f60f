"""What the edge keeps of conversations: language, buttons shown, answers to messages sent twice.

Implements `ConversationLog` of peyk.ports.edge, which is the agreed interface.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Connection, Engine, delete, func, select

from peyk.ports.edge import Opened, Outcome, StoredReply
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import button_tokens, conversations, messages

BUTTON_TTL = timedelta(days=2)
REPLY_TTL = timedelta(days=1)
CONVERSATION_TTL = timedelta(days=90)
PRUNE_EVERY = 500


class Conversations:
    """Languages, button tokens and answers of conversations (the port `ConversationLog`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed = count(1)

    def open(self, conversation_id: str, *, message_id: str | None, token: str | None, now: datetime) -> Opened:
        """Return what is known; tokens of other conversations, unknown and expired ones give no payload."""
        language = select(conversations.c.language).where(conversations.c.id == conversation_id)
        with reading(self._engine) as connection:
            return Opened(
                language=connection.execute(language).scalar_one_or_none(),
                reply=_reply(connection, conversation_id, message_id, now) if message_id is not None else None,
                payload=_payload(connection, conversation_id, token, now) if token is not None else None,
            )

    def close(self, conversation_id: str, outcome: Outcome, now: datetime) -> None:
        """Keep `outcome` in one transaction; drop what has expired now and then.

        The first answer to a message id stays while it is in force.
        """
        with writing(self._engine) as connection:
            _keep_conversation(connection, conversation_id, outcome.language, now)
            if outcome.message_id is not None and outcome.reply is not None:
                _keep_reply(connection, conversation_id, outcome.message_id, outcome.reply, now)
            if outcome.buttons:
                shared = {"conversation_id": conversation_id, "created_at": now, "expires_at": now + BUTTON_TTL}
                rows = [{"token": token, "payload": payload, **shared} for token, payload in outcome.buttons.items()]
                connection.execute(button_tokens.insert(), rows)
        if next(self._closed) % PRUNE_EVERY == 0:
            self.prune(now)

    def ping(self) -> None:
        """Ask the database for a sign of life."""
        with reading(self._engine) as connection:
            connection.execute(select(1))

    def prune(self, now: datetime) -> int:
        """Drop expired buttons, old answers and conversations long silent; return how many rows."""
        gone = (
            delete(button_tokens).where(button_tokens.c.expires_at <= now),
            delete(messages).where(messages.c.at <= now - REPLY_TTL),
            delete(conversations).where(conversations.c.last_seen_at <= now - CONVERSATION_TTL),
        )
        with writing(self._engine) as connection:
            return sum(connection.execute(statement).rowcount for statement in gone)


def _reply(connection: Connection, conversation_id: str, message_id: str, now: datetime) -> StoredReply | None:
    query = select(messages.c.status, messages.c.body, messages.c.retry_after_s).where(
        messages.c.conversation_id == conversation_id,
        messages.c.message_id == message_id,
        messages.c.at > now - REPLY_TTL,
    )
    found = connection.execute(query).one_or_none()
    return StoredReply(found.status, found.body, found.retry_after_s) if found else None


def _payload(connection: Connection, conversation_id: str, token: str, now: datetime) -> str | None:
    query = select(button_tokens.c.payload).where(
        button_tokens.c.token == token,
        button_tokens.c.conversation_id == conversation_id,
        button_tokens.c.expires_at > now,
    )
    return connection.execute(query).scalar_one_or_none()


def _keep_conversation(connection: Connection, conversation_id: str, language: str | None, now: datetime) -> None:
    row = {"id": conversation_id, "language": language, "created_at": now, "last_seen_at": now}
    statement = insert_into(connection, conversations).values(row)
    changes = {
        "last_seen_at": now,
        "language": func.coalesce(statement.excluded.language, conversations.c.language),
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def _keep_reply(
    connection: Connection, conversation_id: str, message_id: str, reply: StoredReply, now: datetime
) -> None:
    key = {"conversation_id": conversation_id, "message_id": message_id}
    answer = {"at": now, "status": reply.status, "body": reply.body, "retry_after_s": reply.retry_after_s}
    statement = insert_into(connection, messages).values(**key, **answer)
    expired = messages.c.at <= now - REPLY_TTL
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=answer, where=expired))
