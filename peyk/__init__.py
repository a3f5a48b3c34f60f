"""Peyk: order tracking and support for online shops, in Persian and English."""
