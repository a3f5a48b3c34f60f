"""The demo's carriers."""

from peyk.adapters.carriers.demo.adapter import DemoCarrier, demo_carriers

PROVIDER = "demo"

__all__ = ["PROVIDER", "DemoCarrier", "demo_carriers"]
