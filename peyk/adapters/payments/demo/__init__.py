"""The demo's bank."""

from peyk.adapters.payments.demo.adapter import DemoPayments

PROVIDER = "demo"

__all__ = ["PROVIDER", "DemoPayments"]
