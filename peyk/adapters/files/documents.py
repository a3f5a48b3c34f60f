"""A PDF made anew from its pages: what acts, carries or tells of its maker is left out. Runs in the child process.

The new document has a catalogue of its own, so scripts, actions, forms, attachments, names and metadata of the old one
stay behind; of a page and of what lies upon it only what is seen is kept.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from peyk.adapters.files.signs import foreign_round_document, without_jpeg_notes
from peyk.ports.files import FileRefused

MAX_PAGES = 200
MAX_OBJECTS = 100_000
# Nesting of direct objects deeper than this is made to break readers.
MAX_DEPTH = 50
OF_PAGES = (
    "/Type", "/Parent", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit",
    "/Resources", "/Contents", "/Group", "/Annots",
)  # fmt: skip
SEEN_ANNOTATIONS = (
    "/Widget", "/FreeText", "/Stamp", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Ink", "/Line", "/Square",
    "/Circle", "/Polygon", "/PolyLine",
)  # fmt: skip
OF_ANNOTATIONS = (
    "/Type", "/Subtype", "/Rect", "/AP", "/AS", "/F", "/C", "/CA", "/IC", "/BS", "/Border", "/QuadPoints", "/InkList",
    "/L", "/Vertices",
)  # fmt: skip
# What pictures, fonts and forms may drag along: notes on their making, files, other versions of themselves.
LEFT_OUT = (
    "/Metadata", "/PieceInfo", "/LastModified", "/OPI", "/Ref", "/Alternates", "/AF", "/EF", "/EmbeddedFile", "/AA",
    "/OpenAction", "/JS", "/JavaScript", "/StructParent", "/StructParents", "/XFA", "/RichMediaContent", "/Measure",
)  # fmt: skip
# In a dictionary of resources these may be the names somebody gave to a font or a picture.
RESOURCES = ("/Font", "/XObject", "/ExtGState", "/Pattern")


def clean_document(raw: bytes) -> bytes:
    """Return the pages as a new PDF. Raises FileRefused ("broken", "locked")."""
    if foreign_round_document(raw):
        raise FileRefused("broken")
    try:
        with Pdf.open(io.BytesIO(raw), suppress_warnings=True) as came, Pdf.new() as made:
            # Warnings are what is said of a file that is cut off or put together by hand.
            if not 0 < len(came.pages) <= MAX_PAGES or len(came.objects) > MAX_OBJECTS or came.get_warnings():
                raise FileRefused("broken")
            made.pages.extend(came.pages)
            for page in made.pages:
                _clean_page(page.obj)
            for thing in made.objects:
                _strip(thing, 0)
            return _saved(made)
    except pikepdf.PasswordError:
        raise FileRefused("locked") from None
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, RecursionError) as exc:
        raise FileRefused("broken") from exc


def _saved(made: Pdf) -> bytes:
    out = io.BytesIO()
    # Nothing is unpacked: a stream that would fill the memory stays packed. Only what is reachable is written.
    made.save(
        out,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=False,
        fix_metadata_version=False,
        deterministic_id=True,
    )
    return out.getvalue()


def _clean_page(page: Any) -> None:
    marks = page.get("/Annots")
    seen = []
    for mark in marks if isinstance(marks, Array) else ():
        if isinstance(mark, Dictionary) and str(mark.get("/Subtype")) in SEEN_ANNOTATIONS:
            _keep_only(mark, OF_ANNOTATIONS)
            seen.append(mark)
    page["/Annots"] = Array(seen)
    _keep_only(page, OF_PAGES)


def _keep_only(thing: Any, names: Collection[str]) -> None:
    for name in list(thing.keys()):
        if name not in names:
            del thing[name]


def _strip(thing: Any, depth: int) -> None:
    """Take what is left out from an object and from all that is directly in it."""
    if depth > MAX_DEPTH:
        raise FileRefused("broken")
    if isinstance(thing, Stream) and _is_jpeg(thing):
        _strip_jpeg(thing)
    if isinstance(thing, Dictionary | Stream):
        for name in LEFT_OUT:
            if name in thing and not _is_resource(thing[name]):
                del thing[name]
    for part in _direct_parts(thing):
        _strip(part, depth + 1)


def _is_resource(value: Any) -> bool:
    if not isinstance(value, Dictionary | Stream):
        return False
    return str(value.get("/Type")) in RESOURCES or str(value.get("/Subtype")) in {"/Image", "/Form"}


def _direct_parts(thing: Any) -> Iterator[Any]:
    parts: list[Any] = []
    if isinstance(thing, Dictionary | Stream):
        parts = [part for _, part in thing.items()]
    elif isinstance(thing, Array):
        parts = list(thing)
    for part in parts:
        # An indirect one comes by itself.
        if isinstance(part, Dictionary | Array) and not part.is_indirect:
            yield part


def _is_jpeg(stream: Any) -> bool:
    packing = stream.get("/Filter")
    if isinstance(packing, Array):
        return len(packing) == 1 and bool(packing[0] == Name.DCTDecode)
    return bool(packing == Name.DCTDecode)


def _strip_jpeg(stream: Any) -> None:
    """Take place and device from a photo in the document."""
    bare = without_jpeg_notes(stream.read_raw_bytes())
    if bare is None:
        raise FileRefused("broken")
    stream.write(bare, filter=Name.DCTDecode, decode_parms=stream.get("/DecodeParms"))
