"""Chats handed over to Chatwoot's people (the port `HandOffDesk`)."""
