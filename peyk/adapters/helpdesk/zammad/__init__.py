"""Zammad: mirrors tickets as tickets of one group."""

from peyk.adapters.helpdesk.zammad.adapter import ZammadHelpdesk
from peyk.adapters.helpdesk.zammad.client import ZammadApi, ZammadPlace

PROVIDER = "zammad"

__all__ = ["PROVIDER", "ZammadApi", "ZammadHelpdesk", "ZammadPlace"]
