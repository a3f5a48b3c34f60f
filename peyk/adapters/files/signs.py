"""What tells that a file is two things at once. Pure, standard library only."""

from __future__ import annotations

import re

# What a browser, a shell or an unpacker would make something of. Five letters at least: shorter ones happen by chance.
_FOREIGN = re.compile(
    rb"<!doctype|<html|<head>|<body|<script|<iframe|<svg[\s>/]|<\?php|javascript:|%pdf-\d|\n#!/", re.IGNORECASE
)
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22
_PDF_END = b"%%EOF"


def foreign_in_picture(raw: bytes) -> bool:
    """Tell whether a picture carries a page, a script, a document or an archive with it."""
    return _FOREIGN.search(raw) is not None or ends_as_zip(raw)


def foreign_round_document(raw: bytes) -> bool:
    """Tell whether something stands behind a PDF's end, or the PDF is an archive as well."""
    _, end, rest = raw.rpartition(_PDF_END)
    return not end or bool(rest.strip(b"\r\n\t \x00")) or ends_as_zip(raw)


def ends_as_zip(raw: bytes) -> bool:
    """Tell whether an unpacker would find the end of an archive: its comment reaches just to the end of the file."""
    place = raw.rfind(_ZIP_END)
    while place >= 0 and len(raw) - place <= _ZIP_END_BYTES + 0xFFFF:
        comment = int.from_bytes(raw[place + 20 : place + 22], "little")
        if len(raw) - place >= _ZIP_END_BYTES and place + _ZIP_END_BYTES + comment <= len(raw):
            return True
        place = raw.rfind(_ZIP_END, 0, place)
    return False


def without_jpeg_notes(raw: bytes) -> bytes | None:
    """Return a JPEG without comments, EXIF, XMP and the like, its picture untouched; None when it cannot be read.

    What a decoder needs stays: JFIF (APP0) and Adobe's colours (APP14).
    """
    if not raw.startswith(b"\xff\xd8"):
        return None
    kept, place = bytearray(raw[:2]), 2
    while True:
        while raw[place : place + 2] == b"\xff\xff":
            place += 1
        if len(raw) < place + 4 or raw[place] != 0xFF:
            return None
        marker, size = raw[place + 1], int.from_bytes(raw[place + 2 : place + 4], "big")
        if marker == 0xDA:
            # From the start of the scan on it is the picture, up to the last end of image.
            end = raw.rfind(b"\xff\xd9", place)
            return bytes(kept + raw[place : end + 2 if end >= 0 else len(raw)])
        if size < 2 or place + 2 + size > len(raw):
            return None
        if not (marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)):
            kept += raw[place : place + 2 + size]
        place += 2 + size
