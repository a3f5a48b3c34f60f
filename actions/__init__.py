"""Peyk's actions: thin, one module a topic; each calls one service and names responses and slots."""
