"""The demo's messenger: text messages end in the outbox."""

from peyk.adapters.messaging.demo.adapter import DemoMessenger, Wording

PROVIDER = "demo"

__all__ = ["PROVIDER", "DemoMessenger", "Wording"]
