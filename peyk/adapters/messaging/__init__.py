"""Messengers, one folder a vendor."""
