"""The public API beside the REST channel: history, webhooks, and what describes them all."""

from __future__ import annotations

from peyk.web.api.answers import Api
from peyk.web.api.describe import routes as description
from peyk.web.api.history import routes as history
from peyk.web.api.webhooks import routes as webhooks

__all__ = ["Api", "description", "history", "webhooks"]
