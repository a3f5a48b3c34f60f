"""The demo's bank."""

from peyk.adapters.payments.demo.adapter import DemoPayments, authority_of

PROVIDER = "demo"

__all__ = ["PROVIDER", "DemoPayments", "authority_of"]
