"""The demo shop's storefront."""

from peyk.adapters.storefront.demo.adapter import DemoStorefront

PROVIDER = "demo"

__all__ = ["PROVIDER", "DemoStorefront"]
