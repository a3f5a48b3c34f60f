"""Starts Peyk on one machine: environments, model, processes, the terminal chat.

`install` runs before any environment exists, so it and `console` use the standard library only.
"""
