"""Webhooks to the shop's own servers."""

from peyk.adapters.webhooks.addresses import WebhookAddresses
from peyk.adapters.webhooks.client import HttpWebhooks

__all__ = ["HttpWebhooks", "WebhookAddresses"]
