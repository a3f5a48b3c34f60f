"""Halves of a day as clocks write them: «ب.ظ», «بعدازظهر», "PM" after noon; «ق.ظ», «قبل از ظهر», "am" before."""

from __future__ import annotations

import re

from peyk.text.normalise import normalise

_NOON = 12
# Dots, and a mark for the direction or a space between, as programs write them; «ظهر» alone says too little.
_BEFORE = re.compile(r"(?<![a-z])a\.? ?m(?![a-z])|ق\.? ?ظ|قبل ?از ?ظهر|پیش ?از ?ظهر")
_AFTER = re.compile(r"(?<![a-z])p\.? ?m(?![a-z])|ب\.? ?ظ|بعد ?از ?ظهر|پس ?از ?ظهر")


def hour_of_day(hour: int, text: str) -> int:
    """Return an hour on the clock of 24 hours, where `text` says which half of the day it is of; else as it is."""
    said = normalise(text)
    if _AFTER.search(said) and hour < _NOON:
        return hour + _NOON
    return 0 if hour == _NOON and _BEFORE.search(said) else hour
