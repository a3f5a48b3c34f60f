"""Carriers, one folder a vendor."""
