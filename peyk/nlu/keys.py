"""Names under which components hand results on inside a message; `SECOND_WISH` and `OTHERS` reach the parse result."""

from __future__ import annotations

# Entities found by rule, at training too, where `entities` holds what the authors marked.
FOUND = "found_entities"
# Whether the classifier knows anything of the text.
IS_KNOWN = "is_known"
# What the classifier makes of each part of a message that has several: {"best": [name and confidence],
# "asks": bool, "orders": the orders and parcels it names}.
PARTS = "parts"
# The second thing asked for in one message, in the parse result: {"name", "confidence"}.
SECOND_WISH = "second_wish"
# What else the message may have meant, where the answer is not sure, in the parse result: names, likeliest first.
OTHERS = "other_meanings"
