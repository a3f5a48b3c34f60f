"""Files that customers and agents send: what they may be, and what they are called.

What a file is follows from its first bytes, never from its name or from what the sender says it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
PICTURES = frozenset({JPEG, PNG, WEBP})
# The first ending is the one given; the others are left as they are.
ENDINGS: Mapping[str, tuple[str, ...]] = {
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    PDF: (".pdf",),
}
MAX_NAME_CHARS = 100
NAMELESS = "file"
BY_CUSTOMER = "customer"
# A zero width non-joiner is part of Persian spelling; every other format character (bidi marks among them) is a trick.
_ZWNJ = "\u200c"
_NOT_IN_NAMES = re.compile(r'[<>:"|?*;\'`&$%#\\/]')
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is kept: cleaned, so `size` (bytes) and `sha256` are those of what is kept, not of what came.

    `id` cannot be guessed. `name` is safe to show and to save under. `by` is "customer" or an agent's id.
    """

    id: str
    conversation_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    by: str = BY_CUSTOMER

    def as_custom(self) -> dict[str, str | int]:
        """Return the file as an entry of the journal names it (`custom.files`)."""
        return {"id": self.id, "name": self.name, "type": self.media_type, "size": self.size}


def sniff(raw: bytes) -> str | None:
    """Return the media type that the first bytes say, or None for anything we do not take."""
    if raw.startswith(b"\xff\xd8\xff"):
        return JPEG
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return WEBP
    return PDF if raw.startswith(b"%PDF-") else None


def clean_name(name: str, media_type: str) -> str:
    """Return a name without path, control and bidi characters, with the ending of what the file really is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()))[-1]
    seen = "".join(character for character in last if character == _ZWNJ or unicodedata.category(character)[0] != "C")
    stem = _BLANKS.sub(" ", _NOT_IN_NAMES.sub("_", seen)).rstrip(" .\u200c")
    ending = ENDINGS[media_type][0]
    for known in ENDINGS[media_type]:
        if stem.lower().endswith(known):
            stem, ending = stem[: -len(known)], known
            break
    else:
        # `invoice.exe` that is a PDF becomes `invoice.pdf`.
        stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", stem, flags=re.ASCII)
    return (stem.strip(" .\u200c")[: MAX_NAME_CHARS - len(ending)].rstrip(" .\u200c") or NAMELESS) + ending
