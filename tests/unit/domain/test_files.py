"""What a file is, and what it is called."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyk.domain.files import ENDINGS, JPEG, MAX_NAME_CHARS, PDF, PNG, WEBP, clean_name, sniff
from tests.fakes.evidence import archive, document, picture


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (picture("JPEG"), JPEG),
        (picture("PNG"), PNG),
        (picture("WEBP"), WEBP),
        (document(), PDF),
        (picture("GIF"), None),
        (archive(), None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html>", None),
        (b"\n%PDF-1.7", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"", None),
    ],
    # What is made here is never made twice the same, and a test's name has to be.
    ids=["jpeg", "png", "webp", "pdf", "gif", "archive", "svg", "html", "late pdf", "wave", "nothing"],
)
def test_the_first_bytes_say_what_it_is(raw: bytes, media_type: str | None) -> None:
    assert sniff(raw) == media_type


@pytest.mark.parametrize(
    ("name", "media_type", "clean"),
    [
        ("photo.jpg", JPEG, "photo.jpg"),
        ("photo.JPEG", JPEG, "photo.jpeg"),
        ("invoice.exe", PDF, "invoice.pdf"),
        ("fly.svg", PNG, "fly.png"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\Users\\sara\\عکس.png", PNG, "عکس.png"),
        ("می‌خواهم.webp", WEBP, "می‌خواهم.webp"),
        ("invoice\u202efdp.exe", PDF, "invoicefdp.pdf"),
        ("a\x00b\r\nSet-Cookie: x.png", PNG, "abSet-Cookie_ x.png"),
        ('"><script>alert(1)</script>.png', PNG, "script_.png"),
        ("<img src=x onerror=alert(1)>.png", PNG, "_img src=x onerror=alert(1)_.png"),
        ("", JPEG, "file.jpg"),
        ("...", JPEG, "file.jpg"),
        (".png", PNG, "file.png"),
        ("x" * 300, PDF, "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_made_safe(name: str, media_type: str, clean: str) -> None:
    assert clean_name(name, media_type) == clean


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_whatever_it_is_called(name: str, media_type: str) -> None:
    clean = clean_name(name, media_type)
    assert 4 < len(clean) <= MAX_NAME_CHARS
    assert clean.lower().endswith(ENDINGS[media_type])
    assert not set(clean) & set("/\\<>:\"|?*;'`\r\n\x00")
    assert all(c == "\u200c" or unicodedata.category(c)[0] != "C" for c in clean)
    assert clean_name(clean, media_type) == clean
