"""PDFs: their pages, and nothing that acts, carries or tells of its maker."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from peyk.adapters.files.documents import MAX_PAGES, clean_document
from peyk.ports.files import FileRefused
from tests.fakes.evidence import SECRET_PLACE, archive, busy_document, document, words_of

FORBIDDEN = [
    b"JavaScript", b"/JS", b"owned", b"OpenAction", b"EmbeddedFile", b"evil.exe", b"MZ a program", b"inner.exe",
    b"MZ inner", b"AcroForm", b"XFA", b"secret form", b"evil.example", b"/URI", b"Link", b"PieceInfo", b"Metadata",
    b"xmpmeta", b"Plaque", b"Sample Street", b"/Author", b"/Info", b"Exif", b"own words", b"Telephone", b"ICC_PROFILE",
]  # fmt: skip


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_what_acts_or_tells_is_left_out(forbidden: bytes) -> None:
    came = busy_document()
    assert forbidden in came + words_of(came)
    content = clean_document(came)
    assert forbidden not in content + words_of(content)


def test_what_is_seen_stays() -> None:
    content = clean_document(busy_document())
    with Pdf.open(io.BytesIO(content)) as made:
        page = made.pages[0].obj
        assert b"Invoice 104233" in page.Contents.read_bytes()
        # Resources may be called like an action.
        assert page.Resources.Font.AA.BaseFont == Name.Helvetica
        scan = page.Resources.XObject.AA
        assert scan.Filter == Name.DCTDecode
        assert isinstance(scan, Stream)
        assert pikepdf.PdfImage(scan).as_pil_image().size == (48, 32)
        assert [str(mark.Subtype) for mark in page.Annots] == ["/Stamp"]


def test_nothing_that_was_written_over_stays() -> None:
    came = document("first version")
    changed = came.replace(b"first version", b"other version")
    # As an editor saves: the new version behind the old one. Readers show the last.
    assert b"first version" not in clean_document(changed)


def mangled(change: Callable[[Pdf], None]) -> bytes:
    with Pdf.open(io.BytesIO(document())) as made:
        change(made)
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()


def too_many_pages(made: Pdf) -> None:
    for _ in range(MAX_PAGES):
        made.pages.append(made.pages[0])


def too_deep(made: Pdf) -> None:
    nested = Array([])
    for _ in range(80):
        nested = Array([nested])
    made.pages[0].obj.Resources.Deep = nested


def broken_scan(made: Pdf) -> None:
    scan = made.make_stream(b"\xff\xd8\xff\xe1")
    scan.Filter = Name.DCTDecode
    made.pages[0].obj.Resources.XObject = Dictionary(X=scan)


@pytest.mark.parametrize(
    "raw",
    [
        document()[:-60],
        document()[: len(document()) // 2],
        document() + b"<script>alert(1)</script>",
        document() + archive(),
        document().replace(b"xref", b"xxxx"),
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF",
        mangled(too_many_pages),
        mangled(too_deep),
        mangled(broken_scan),
    ],
    ids=["cut", "half", "page behind", "archive behind", "no table", "empty", "html", "pages", "deep", "scan"],
)
def test_what_is_broken_or_two_things_at_once_is_refused(raw: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        clean_document(raw)
    assert refused.value.code == "broken"


def test_one_with_a_password_is_locked() -> None:
    with pytest.raises(FileRefused) as refused:
        clean_document(document(encryption=pikepdf.Encryption(owner="o", user="u")))
    assert refused.value.code == "locked"


def test_one_that_only_its_owner_may_change_is_read() -> None:
    content = clean_document(document(encryption=pikepdf.Encryption(owner="o", user="")))
    with Pdf.open(io.BytesIO(content)) as made:
        assert not made.is_encrypted
        assert b"Invoice 104233" in made.pages[0].obj.Contents.read_bytes()
    assert SECRET_PLACE.encode() not in content
