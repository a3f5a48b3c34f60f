"""Rasa graph components: what turns a customer's text into an intent and entities."""
