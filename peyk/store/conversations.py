"""What the edge keeps of conversations: language, buttons shown, answers to messages sent twice.

Implements `ConversationLog` of peyk.ports.edge, which is the agreed interface.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from peyk.ports.edge import Opened, Outcome, StoredReply
from peyk.store.engine import insert_into, reading, writing
from peyk.store.prune import prune
from peyk.store.tables import button_tokens, conversations, messages, verifications

BUTTON_TTL = timedelta(days=2)
REPLY_TTL = timedelta(days=1)
# The proof an answer was made with may have ended when the answer is kept, but no longer ago than this.
LONGEST_TURN = timedelta(minutes=1)


class Conversations:
    """Languages, button tokens and answers of conversations (the port `ConversationLog`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
        """Keep `outcome` in one transaction.

        The first answer to a message id stays while it is in force: a day, but what is answered to a proven
        customer may show what only the proof opens, and is in force no longer than the proof.
        """
        with writing(self._engine) as connection:
            _keep_conversation(connection, conversation_id, outcome.language, now)
            if outcome.message_id is not None and outcome.reply is not None:
                _keep_reply(connection, conversation_id, outcome.message_id, outcome.reply, now)
            if outcome.buttons:
                shared = {"conversation_id": conversation_id, "created_at": now, "expires_at": now + BUTTON_TTL}
                rows = [{"token": token, "payload": payload, **shared} for token, payload in outcome.buttons.items()]
                connection.execute(button_tokens.insert(), rows)

    def ping(self) -> None:
        """Ask the database for a sign of life."""
        with reading(self._engine) as connection:
            connection.execute(select(1))

    def prune(self, now: datetime) -> int:
        """Drop everything in the store whose time is over; return how many rows."""
        return prune(self._engine, now)


def _reply(connection: Connection, conversation_id: str, message_id: str, now: datetime) -> StoredReply | None:
    query = select(messages.c.status, messages.c.body, messages.c.retry_after_s).where(
        messages.c.conversation_id == conversation_id,
        messages.c.message_id == message_id,
        messages.c.expires_at > now,
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
    expires_at = _reply_end(connection, conversation_id, now)
    if expires_at <= now:
        return
    key = {"conversation_id": conversation_id, "message_id": message_id}
    answer = {
        "expires_at": expires_at,
        "status": reply.status,
        "body": reply.body,
        "retry_after_s": reply.retry_after_s,
    }
    statement = insert_into(connection, messages).values(**key, **answer)
    expired = messages.c.expires_at <= now
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=answer, where=expired))


def _reply_end(connection: Connection, conversation_id: str, now: datetime) -> datetime:
    query = select(verifications.c.expires_at).where(
        verifications.c.conversation_id == conversation_id, verifications.c.expires_at > now - LONGEST_TURN
    )
    proof_ends = connection.execute(query).scalar_one_or_none()
    return min(now + REPLY_TTL, proof_ends) if proof_ends else now + REPLY_TTL
