"""Storefronts, one folder a vendor."""
