"""Names under which components hand results on inside a message; none of them reaches the parse result."""

from __future__ import annotations

# Entities found by rule, at training too, where `entities` holds what the authors marked.
FOUND = "found_entities"
# Whether the classifier knows anything of the text.
IS_KNOWN = "is_known"
