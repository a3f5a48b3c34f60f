"""Chatwoot: mirrors tickets as conversations of an API inbox, and takes over chats from the bot."""

from peyk.adapters.helpdesk.chatwoot.adapter import ChatwootHelpdesk
from peyk.adapters.helpdesk.chatwoot.bot import ChatwootBot
from peyk.adapters.helpdesk.chatwoot.client import ChatwootApi, ChatwootPlace
from peyk.adapters.helpdesk.chatwoot.desk import ChatwootDesk

PROVIDER = "chatwoot"

__all__ = ["PROVIDER", "ChatwootApi", "ChatwootBot", "ChatwootDesk", "ChatwootHelpdesk", "ChatwootPlace"]
