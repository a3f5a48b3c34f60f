"""What a customer types is text: here it loses everything Rasa would take for a command.

Rasa strips a message and takes what then begins with a slash for `/intent{entities}`.
"""

from __future__ import annotations

import re
import unicodedata

# Slashes a normaliser may fold into "/": plain, fullwidth, fraction and division slash, big solidus.
SLASHES = frozenset("/\uff0f\u2044\u2215\u29f8")
EXTERNAL = re.compile(r"EXTERNAL[_:]\s*", re.IGNORECASE)
PAYLOAD = re.compile(r"/[a-z][a-z0-9_]*(?:\{.*\})?", re.ASCII | re.DOTALL)
# Rasa's own session commands; no button of ours carries them.
RESERVED = re.compile(r"/(?:restart|back|session_start|EXTERNAL)\b", re.IGNORECASE)
# What is left of a payload without its slash.
COMMAND = re.compile(r"\w+\s*(?:\{.*)?", re.ASCII | re.DOTALL)
NOTHING_LEFT = "?"


def harmless(text: str) -> str:
    """Return `text` without leading slashes and `EXTERNAL_`, however they are hidden; never empty.

    Hidden means behind spaces, line breaks, control, format (bidi marks, ZWNJ, ZWJ, BOM) or combining characters.
    What is a command as a whole (`/intent{…}`, `/restart`) says nothing: not even its words are read.
    """
    bare = _without_command_marks(text)
    if bare != _without_invisible_start(text).rstrip() and COMMAND.fullmatch(bare):
        return NOTHING_LEFT
    return bare


def _without_command_marks(text: str) -> str:
    while True:
        stripped = _without_invisible_start(text)
        bare = EXTERNAL.sub("", stripped, count=1) if EXTERNAL.match(stripped) else stripped
        if bare[:1] in SLASHES and bare:
            text = bare[1:]
        elif bare != stripped:
            text = bare
        else:
            return stripped.rstrip() or NOTHING_LEFT


def is_payload(payload: str) -> bool:
    """Tell whether `payload` has the shape our own buttons have."""
    return PAYLOAD.fullmatch(payload) is not None and not RESERVED.match(payload)


def _without_invisible_start(text: str) -> str:
    for position, character in enumerate(text):
        if not (character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"}):
            return text[position:]
    return ""
