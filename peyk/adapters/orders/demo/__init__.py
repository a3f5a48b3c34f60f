"""The demo shop's orders."""

from peyk.adapters.orders.demo.adapter import DemoOrders

PROVIDER = "demo"

__all__ = ["PROVIDER", "DemoOrders"]
