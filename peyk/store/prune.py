"""What the store forgets, and when; and its sign of life."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, or_, select, update

from peyk.ports.records import PACE_SCOPE
from peyk.store.engine import reading, writing
from peyk.store.files import is_needed
from peyk.store.identity import HIDDEN, hide_ended
from peyk.store.rest import KEY_TTL
from peyk.store.shop_index import LAST_GOOD
from peyk.store.tables import (
    button_tokens,
    channel_addresses,
    code_sends,
    contact_tags,
    conversations,
    files,
    handoff_notes,
    handoffs,
    idempotency_keys,
    inbox,
    journal,
    limit_hits,
    operator_sessions,
    otp_challenges,
    personal_openings,
    rest_senders,
    shop_deliveries,
    shop_orders,
    system_states,
    tracking_snapshots,
    unknown_codes,
    verifications,
    webhook_outbox,
)

CONVERSATION_TTL = timedelta(days=90)
ENTRY_TTL = timedelta(days=30)
# Longer than any channel sends the same again; of what is done only the key is left.
DONE_TTL = timedelta(days=7)
# For an hour after its end a code is still called expired, and not one that was never sent.
CHALLENGE_TTL = timedelta(hours=1)
# So long after its end an answer made under a proof may still be kept (`peyk.web.keeper`), and is hidden at once.
PROOF_TTL = timedelta(hours=1)
# As long as the longest window of a limit may be; of a vendor's budget, which drops what is over with every call.
LIMIT_TTL = timedelta(days=1)
PACE_TTL = timedelta(days=366)
SNAPSHOT_TTL = timedelta(days=30)
# What went wrong a year ago is no reason any more to treat somebody in another way.
TAG_TTL = timedelta(days=365)
UNKNOWN_TTL = timedelta(days=90)
# Longer than any log-in may last (`PEYK_CONSOLE_SESSION_H`).
SESSION_TTL = timedelta(days=31)
# `PEYK_SHOP_KEEP_DAYS` where nothing is set.
SHOP_TTL = timedelta(days=400)


class StoreUpkeep:
    """What the store needs now and then (the port `Upkeep`)."""

    def __init__(self, engine: Engine, secret_key: str, shop_ttl: timedelta = SHOP_TTL) -> None:
        """Take the store, the key that hides the mobiles of proofs that have ended, and how long orders are kept."""
        self._engine = engine
        self._secret_key = secret_key
        self._shop_ttl = shop_ttl

    def prune(self, now: datetime) -> int:
        """Drop everything in the store whose time is over; return how many rows."""
        hide_ended(self._engine, self._secret_key, now - PROOF_TTL)
        return prune(self._engine, now, self._shop_ttl)

    def ping(self) -> None:
        """Ask the database for a sign of life."""
        with reading(self._engine) as connection:
            connection.execute(select(1))


def prune(engine: Engine, now: datetime, shop_ttl: timedelta = SHOP_TTL) -> int:
    """Drop everything whose time is over; return how many rows. Tickets, ratings and audit stay.

    `shop_ttl` is how long an order of the index may be without a change.
    """
    is_plain = verifications.c.mobile.not_like(f"{HIDDEN}%")
    nobodys = verifications.c.conversation_id.not_in(select(conversations.c.id))
    talks = select(conversations.c.id).where(conversations.c.id == rest_senders.c.conversation_id)
    gone = (
        delete(verifications).where(verifications.c.expires_at <= now - PROOF_TTL, or_(is_plain, nobodys)),
        delete(otp_challenges).where(otp_challenges.c.expires_at <= now - CHALLENGE_TTL),
        delete(button_tokens).where(button_tokens.c.expires_at <= now),
        delete(limit_hits).where(limit_hits.c.at <= now - LIMIT_TTL, limit_hits.c.scope.not_like(f"{PACE_SCOPE}%")),
        delete(limit_hits).where(limit_hits.c.at <= now - PACE_TTL),
        delete(code_sends).where(code_sends.c.sent_at <= now - ENTRY_TTL),
        delete(contact_tags).where(contact_tags.c.at <= now - TAG_TTL),
        delete(unknown_codes).where(unknown_codes.c.last_at <= now - UNKNOWN_TTL),
        delete(system_states).where(system_states.c.until <= now - LIMIT_TTL),
        delete(tracking_snapshots).where(tracking_snapshots.c.as_of <= now - SNAPSHOT_TTL),
        delete(journal).where(journal.c.at <= now - ENTRY_TTL),
        # With what was said beside them; as long as a ticket needs them they stay. Their bytes are swept afterwards.
        delete(files).where(files.c.at <= now - ENTRY_TTL, ~is_needed()),
        # The figures of a hand-off stay as long as its conversation; what was said is forgotten with the journal.
        update(handoffs)
        .where(handoffs.c.closed_at <= now - ENTRY_TTL, handoffs.c.packet != "{}")
        .values(packet="{}", summary=None),
        delete(handoff_notes).where(handoff_notes.c.at <= now - ENTRY_TTL),
        delete(operator_sessions).where(operator_sessions.c.created_at <= now - SESSION_TTL),
        delete(personal_openings).where(personal_openings.c.until <= now),
        delete(inbox).where(inbox.c.done_at <= now - DONE_TTL),
        delete(inbox).where(inbox.c.received_at <= now - ENTRY_TTL),
        delete(conversations).where(conversations.c.last_seen_at <= now - CONVERSATION_TTL),
        delete(idempotency_keys).where(idempotency_keys.c.used_at <= now - KEY_TTL),
        delete(shop_deliveries).where(shop_deliveries.c.at <= now - DONE_TTL),
        # Their ids stay as long as something late could bring them back.
        delete(shop_orders).where(shop_orders.c.gone_at <= now - DONE_TTL),
        delete(shop_orders).where(shop_orders.c.changed_at <= now - shop_ttl, shop_orders.c.gone_at.is_(None)),
        delete(shop_orders).where(
            shop_orders.c.source.startswith(LAST_GOOD, autoescape=True), shop_orders.c.changed_at <= now - SNAPSHOT_TTL
        ),
        delete(webhook_outbox).where(webhook_outbox.c.done_at <= now - DONE_TTL),
        delete(webhook_outbox).where(webhook_outbox.c.put_at <= now - ENTRY_TTL),
        delete(rest_senders).where(rest_senders.c.noted_at <= now - CONVERSATION_TTL, ~talks.exists()),
        # After the conversations: as long as one is there, its customer can be reached.
        delete(channel_addresses).where(
            channel_addresses.c.seen_at <= now - CONVERSATION_TTL,
            channel_addresses.c.conversation_id.not_in(select(conversations.c.id)),
        ),
    )
    rows = 0
    for statement in gone:
        # One transaction each: on SQLite every other writer waits for this one.
        with writing(engine) as connection:
            rows += connection.execute(statement).rowcount
    return rows
