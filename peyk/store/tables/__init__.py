"""The tables, by topic. What changes here needs a revision in `migrations/versions`."""

from peyk.store.tables.audit import audit, audit_head
from peyk.store.tables.base import VERSION_TABLE, metadata
from peyk.store.tables.channels import channel_addresses
from peyk.store.tables.contacts import contact_tags
from peyk.store.tables.conversations import button_tokens, conversations, inbox, journal
from peyk.store.tables.files import files
from peyk.store.tables.handoff import handoff_notes, handoffs, ticks
from peyk.store.tables.helpdesk import desk_threads, helpdesk_links, helpdesk_notes
from peyk.store.tables.identity import limit_hits, otp_challenges, verifications
from peyk.store.tables.keys import api_keys
from peyk.store.tables.rest import idempotency_keys, rest_senders, webhook_outbox, webhooks
from peyk.store.tables.shops import shop_codes, shop_deliveries, shop_orders, shop_syncs
from peyk.store.tables.staff import canned_answers, operator_sessions, operators, personal_openings
from peyk.store.tables.systems import code_sends, system_states, unknown_codes
from peyk.store.tables.tickets import office_hours, ratings, ticket_events, ticket_files, tickets
from peyk.store.tables.tracking import tracking_snapshots

__all__ = [
    "VERSION_TABLE",
    "api_keys",
    "audit",
    "audit_head",
    "button_tokens",
    "canned_answers",
    "channel_addresses",
    "code_sends",
    "contact_tags",
    "conversations",
    "desk_threads",
    "files",
    "handoff_notes",
    "handoffs",
    "helpdesk_links",
    "helpdesk_notes",
    "idempotency_keys",
    "inbox",
    "journal",
    "limit_hits",
    "metadata",
    "office_hours",
    "operator_sessions",
    "operators",
    "otp_challenges",
    "personal_openings",
    "ratings",
    "rest_senders",
    "shop_codes",
    "shop_deliveries",
    "shop_orders",
    "shop_syncs",
    "system_states",
    "ticket_events",
    "ticket_files",
    "tickets",
    "ticks",
    "tracking_snapshots",
    "unknown_codes",
    "verifications",
    "webhook_outbox",
    "webhooks",
]
