"""Vendors behind ports; `demo` in each folder reads the demo shop's tables."""
